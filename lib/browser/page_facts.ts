/** Collects what an exported page says about its model. */

import { namedHeads } from "../model/head_names.ts";
import type { OpenedModel } from "../model/open_model.ts";
import { fileNames } from "../files/paths.ts";
import { readSummary } from "../files/summary_file.ts";
import type { EvaluationSummary, LabelOrRegion } from "../files/summary.ts";
import { version } from "../launch/version.ts";
import { exists } from "../platform/files.ts";
import { join } from "../platform/paths.ts";
import type { PageFacts } from "./segmenter.ts";

/**
 * Returns what a page says about its models.
 *
 * @param members The models whose probabilities are averaged, or one.
 * @param modelBytes Bytes of all networks of the page.
 * @param summary Path of a `summary.json` with the models' scores; by default, those of the folds'
 * validation if there is one model.
 */
export async function pageFacts(
  members: readonly OpenedModel[],
  modelBytes: number,
  summary?: string,
): Promise<PageFacts> {
  const [{ plansData, datasetJson, configuration, heads, origin }] = members;
  const classes = namedHeads(datasetJson.labels)
    .map(({ name, labels }, i) => ({
      name,
      label: heads.regions?.[i].outputLabel ?? labels[0],
      labels,
    }))
    .filter(({ label }) => label !== 0);
  const summaries = summary === undefined
    ? members.length === 1 ? await foldSummaries(members[0]) : []
    : [await readSummary(summary)];
  return {
    name: plansData.datasetName,
    configurations: members.map(({ configuration }) => configuration.name),
    trainer: origin.trainer,
    folds: origin.folds ?? [],
    channels: datasetJson.channelNames.map((name, i) => ({
      name,
      normalization: configuration.normalizationSchemes[i],
    })),
    classes,
    ignoreLabel: heads.ignoreLabel,
    reader: plansData.imageReaderWriter,
    spacing: configuration.spacing,
    patchSize: configuration.patchSize,
    fileEnding: datasetJson.fileEnding,
    validation: summaries.length === 0 ? undefined : validationOf(summaries, classes),
    modelBytes,
    created: new Date().toISOString().slice(0, 10),
    version,
  };
}

/** Reads the scores of a model's folds on their validation cases; none unless all folds have them. */
async function foldSummaries(
  { origin: { path, folds } }: OpenedModel,
): Promise<EvaluationSummary[]> {
  const summaries: EvaluationSummary[] = [];
  for (const fold of folds ?? []) {
    const inModel = join(path, fileNames.fold(fold), fileNames.validation, fileNames.summary);
    const inFold = join(path, fileNames.validation, fileNames.summary);
    const file = await exists(inModel) ? inModel : inFold;
    if (!await exists(file)) return [];
    summaries.push(await readSummary(file));
  }
  return summaries;
}

/** Averages the scores of all cases, without those where a class is in neither label map. */
function validationOf(
  summaries: readonly EvaluationSummary[],
  classes: readonly { readonly name: string; readonly labels: readonly number[] }[],
): PageFacts["validation"] {
  const perClass = classes.map(({ name, labels }) => {
    const scores = summaries.flatMap((summary) => {
      const index = summary.labels.findIndex((scored) => isSame(scored, labels));
      return summary.cases.map(({ overlaps }) => overlaps[index]?.dice ?? NaN);
    }).filter((dice) => !Number.isNaN(dice));
    return { name, dice: mean(scores) };
  }).filter(({ dice }) => !Number.isNaN(dice));
  if (perClass.length === 0) return undefined;
  return {
    meanDice: mean(perClass.map(({ dice }) => dice)),
    cases: summaries.reduce((sum, { cases }) => sum + cases.length, 0),
    perClass,
  };
}

function isSame(scored: LabelOrRegion, labels: readonly number[]): boolean {
  const sorted = [scored].flat().toSorted((a, b) => a - b);
  return sorted.join() === labels.toSorted((a, b) => a - b).join();
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

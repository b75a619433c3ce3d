/** `evaluate_folder` and `evaluate_simple`: compare predictions with the ground truth. */

import { dirname, join } from "../../platform/paths.ts";
import type { Command } from "../../packages/commander.ts";
import { formatDiceTable } from "../../evaluation/dice_table.ts";
import {
  evaluateFolder,
  evaluateFolderInDetail,
  type EvaluateFolderOptions,
} from "../../evaluation/evaluate_folder.ts";
import { scoredClasses } from "../../evaluation/scored_classes.ts";
import { foregroundOf } from "../../files/dataset_labels.ts";
import { readDatasetJson } from "../../files/dataset_file.ts";
import { writeDetails } from "../../files/details_file.ts";
import { fileNames } from "../../files/paths.ts";
import { requireFolder } from "../../files/require_folder.ts";
import { readSummary, writeSummary } from "../../files/summary_file.ts";
import { requestedReader } from "../../image/reader.ts";
import type { IgnoredFile } from "../../image/ignored_file.ts";
import { imageEndingOf } from "../../image/registry.ts";
import { listImages } from "../../image/scan_folder.ts";
import { exists } from "../../platform/files.ts";
import { each, nonNegativeNumber, wholeNumber } from "../arguments.ts";
import { UsageError } from "../exit_codes.ts";
import { datasetFileOf } from "../dataset_file.ts";
import { interruptSignal } from "../interrupt.ts";
import { printIgnored } from "../ignored_files.ts";
import { progressBar, StatusLine } from "../status_line.ts";

/** Options of both commands. */
interface Options {
  o?: string;
  np?: number;
  chill: boolean;
  details: boolean;
  tolerance?: number[];
}

interface FolderOptions extends Options {
  djfile?: string;
  pfile?: string;
}

interface SimpleOptions extends Options {
  l: number[];
  il?: number;
}

export function addEvaluateFolder(program: Command): void {
  addCommonOptions(
    program.command("evaluate_folder")
      .description("Compare predictions with the ground truth and write summary.json."),
  )
    .option("--djfile <file>", "path of dataset.json, by default that in the predictions' folder")
    .option("--pfile <file>", "path of plans.json, by default that in the predictions' folder")
    .action(async (groundTruth: string, predictions: string, options: FolderOptions) => {
      await requireFolder(groundTruth, "evaluate with the ground truth", "label maps");
      const datasetFile = await datasetFileOf({
        action: "evaluate",
        folder: predictions,
        datasetFile: options.djfile,
        datasetOption: "--djfile",
        plansFile: options.pfile,
      });
      const json = await readDatasetJson(datasetFile);
      const { labels, fileEnding } = json;
      const names = foregroundOf(labels).map(({ name }) => name);
      const reader = requestedReader(json.overwriteImageReaderWriter);
      const folders = { groundTruth, predictions, fileEnding, reader, ...scoredClasses(labels) };
      await evaluate(folders, names, options);
    });
}

export function addEvaluateSimple(program: Command): void {
  addCommonOptions(
    program.command("evaluate_simple")
      .description(
        "Compare predictions with the ground truth, without dataset.json and plans.json.",
      ),
  )
    .requiredOption("-l <labels...>", "labels to score", each(wholeNumber("-l")))
    .option("--il <label>", "label of voxels to ignore", wholeNumber("--il"))
    .action(async (groundTruth: string, predictions: string, options: SimpleOptions) => {
      await requireFolder(groundTruth, "evaluate with the ground truth", "label maps");
      await requireFolder(predictions, "evaluate", "label maps");
      const [example] = await listImages(groundTruth);
      if (example === undefined) {
        throw new Error(`Cannot evaluate ${predictions}: found no label maps in ${groundTruth}`);
      }
      await evaluate(
        {
          groundTruth,
          predictions,
          labels: options.l,
          ignoreLabel: options.il,
          fileEnding: imageEndingOf(example)!,
        },
        options.l.map(String),
        options,
      );
    });
}

function addCommonOptions(command: Command): Command {
  return command
    .argument("<gt_folder>", "folder of ground-truth label maps")
    .argument("<pred_folder>", "folder of predicted label maps with the same names")
    .option("-o <file>", "file to write, summary.json in the predictions' folder by default")
    .option(
      "--np <count>",
      "cases compared in parallel, one per core by default",
      wholeNumber("--np", 1),
    )
    .option("--chill", "skip cases without a prediction", false)
    .option(
      "--details",
      "also write summary_details.json: surface distances, surface Dice, volumes, confusion",
      false,
    )
    .option(
      "--tolerance <mm...>",
      "tolerance of the surface Dice, one for all labels or one per label, 1 mm by default",
      each(nonNegativeNumber("--tolerance")),
    );
}

async function evaluate(
  folders: EvaluateFolderOptions,
  names: readonly string[],
  { o, np, chill, details: inDetail, tolerance }: Options,
) {
  if (tolerance && !inDetail) {
    throw new UsageError("Cannot use --tolerance without --details: add --details");
  }
  if (o !== undefined) await requireSummary(o);
  const line = new StatusLine();
  const path = o ?? join(folders.predictions, fileNames.summary);
  const options = {
    ...folders,
    allowMissing: chill,
    workers: np,
    signal: interruptSignal("Stopped; no summary was written"),
    onProgress: progressBar(line, "evaluating"),
    onIgnored: (ignored: readonly IgnoredFile[]) => printIgnored(line, ignored),
    onWarning: (message: string) => line.print(`Warning: ${message}`),
  };
  const work = inDetail
    ? evaluateFolderInDetail({
      ...options,
      tolerance: tolerance?.length === 1 ? tolerance[0] : tolerance,
    })
    : evaluateFolder(options).then((summary) => ({ summary, details: undefined }));
  const { summary, details } = await work.catch(async (error) => {
    if (await exists(path)) line.print(`Warning: ${path} is from an earlier evaluation`);
    throw error;
  });
  await writeSummary(path, summary);
  line.print(formatDiceTable(summary, names));
  line.print(`\nWrote ${path}`);
  if (details) {
    const detailsPath = join(dirname(path), fileNames.summaryDetails);
    await writeDetails(detailsPath, details);
    line.print(`Wrote ${detailsPath}`);
  }
}

/** @throws {Error} If a file exists that is no summary, such as a label map. */
async function requireSummary(path: string): Promise<void> {
  if (!await exists(path)) return;
  await readSummary(path).catch((cause) => {
    throw new Error(
      `Cannot write ${path}: it exists and is no summary of an evaluation; choose another -o`,
      { cause },
    );
  });
}

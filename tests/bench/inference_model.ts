/** A planned, untrained model in nnU-Net's results folder: it costs what a trained one does. */

import { join } from "@std/path";
import { Dataset } from "../../lib/dataset/dataset.ts";
import { writeCheckpoint } from "../../lib/files/checkpoint_file.ts";
import { copyFileIfNewer } from "../../lib/files/copy_file.ts";
import { formatDatasetJson, writeDatasetJson } from "../../lib/files/dataset_json.ts";
import { channelFileName, fileNames, modelFolderName } from "../../lib/files/paths.ts";
import { formatPlans, writePlans } from "../../lib/files/plans_json.ts";
import { headsOf } from "../../lib/inference/label_rule.ts";
import type { JsonValue } from "../../lib/interop/json_value.ts";
import { initialWeights, parametersOf } from "../../lib/network/network.ts";
import { networkOf } from "../../lib/network/network_of.ts";
import { Planner } from "../../lib/planner.ts";
import { createGenerator } from "../../lib/random/generator.ts";
import { parametersByName } from "../../lib/training/flat_parameters.ts";

/** A model, scans to predict with it, and what it was planned as. */
export interface BenchModel {
  readonly model: string;
  readonly input: string;
  readonly cases: number;
  readonly patchSize: readonly number[];
}

/**
 * Plans 3d_fullres for a folder of scans and their truth, and writes a network with random weights.
 *
 * @param data Has `input/` and `ground_truth/`.
 * @param root Gets nnU-Net's folders, and `scans/` with the first of the scans.
 */
export async function makeModel(
  data: string,
  root: string,
  { channel, cases: limit }: { readonly channel: string; readonly cases: number },
): Promise<BenchModel> {
  const dataset = await Dataset.create({
    root,
    id: 1,
    name: "Bench",
    images: join(data, "input"),
    labels: join(data, "ground_truth"),
    channels: [channel],
  });
  const plans = await new Planner().plan(dataset);
  const configuration = plans.configuration("3d_fullres");
  const { patchSize } = configuration;
  const heads = headsOf(dataset.json).count;
  const network = networkOf(configuration.architecture, { heads, deepSupervision: true });
  const parameters = parametersOf(network, [1, 1, ...patchSize]);
  const weights = initialWeights(parameters, createGenerator(0));
  const model = join(
    plans.folders.results,
    plans.data.datasetName,
    modelFolderName("nnUNetTrainer", plans.data.plansName, configuration.name),
  );
  await writePlans(join(model, fileNames.resultPlans), plans.data);
  await writeDatasetJson(join(model, fileNames.dataset), dataset.json);
  await writeCheckpoint(join(model, fileNames.fold(0), fileNames.checkpointFinal), {
    networkWeights: parametersByName(parameters, weights),
    optimizer: null,
    log: {
      trainLosses: [],
      valLosses: [],
      meanForegroundDice: [],
      emaForegroundDice: [],
      dicePerClass: [],
      learningRates: [],
      epochStart: [],
      epochEnd: [],
    },
    bestEma: null,
    currentEpoch: 0,
    initArgs: {
      plans: JSON.parse(formatPlans(plans.data)),
      configuration: configuration.name,
      fold: 0,
      datasetJson: formatDatasetJson(dataset.json) as JsonValue,
    },
    trainerName: "nnUNetTrainer",
    inferenceAllowedMirroringAxes: patchSize.map((_, axis) => axis),
  });
  const input = join(root, "scans");
  const chosen = dataset.cases.slice(0, limit);
  for (const { name, images } of chosen) {
    const copy = join(input, channelFileName(name, 0, dataset.json.fileEnding));
    await copyFileIfNewer(images[0], copy);
  }
  return { model, input, cases: chosen.length, patchSize };
}

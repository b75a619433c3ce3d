/** Writes a model with random weights, which needs as much time and memory as a trained one. */

import { join } from "@std/path";
import { readCheckpoint, writeCheckpoint } from "../lib/files/checkpoint_file.ts";
import type { DatasetJson } from "../lib/files/dataset.ts";
import { formatDatasetJson } from "../lib/files/dataset_json.ts";
import { writeDatasetJson } from "../lib/files/dataset_file.ts";
import { fileNames, modelFolderName } from "../lib/files/paths.ts";
import { formatPlans } from "../lib/files/plans_json.ts";
import { writePlans } from "../lib/files/plans_file.ts";
import { modelFacts } from "../lib/model/model_facts.ts";
import type { JsonValue } from "../lib/interop/json_value.ts";
import { emptyLog } from "../lib/interop/training_log.ts";
import { initialWeights, parametersOf, placesOf } from "../lib/network/network.ts";
import { networkOf } from "../lib/network/network_of.ts";
import type { ConfigurationName, PlansData } from "../lib/files/plans.ts";
import { createGenerator } from "../lib/random/generator.ts";
import { parametersByName } from "../lib/training/step/flat_parameters.ts";

/**
 * Writes fold 0 of a model.
 *
 * @param results Path of the folder `nnUNet_results`.
 * @returns The model's folder.
 */
export async function writeUntrainedModel(
  results: string,
  { plansData, datasetJson, configuration: name, checkpoint = fileNames.checkpointFinal }: {
    readonly plansData: PlansData;
    readonly datasetJson: DatasetJson;
    readonly configuration: ConfigurationName;
    readonly checkpoint?: string;
  },
): Promise<string> {
  const configuration = plansData.configurations[name]!;
  const { patchSize, architecture } = configuration;
  const mirrorAxes = patchSize.map((_, axis) => axis);
  const { heads, inputChannels } = modelFacts({
    plansData,
    configuration,
    datasetJson,
    mirrorAxes,
  });
  const network = networkOf(architecture, {
    heads: heads.count,
    deepSupervision: true,
  });
  const parameters = parametersOf(network, [1, inputChannels, ...patchSize]);
  const weights = initialWeights(parameters, createGenerator(0));
  const folder = join(
    results,
    plansData.datasetName,
    modelFolderName("nnUNetTrainer", plansData.plansName, name),
  );
  await writePlans(join(folder, fileNames.resultPlans), plansData);
  await writeDatasetJson(join(folder, fileNames.dataset), datasetJson);
  await writeCheckpoint(join(folder, fileNames.fold(0), checkpoint), {
    networkWeights: parametersByName(parameters, weights),
    modulePlaces: placesOf(parameters),
    optimizer: null,
    log: emptyLog,
    bestEma: null,
    currentEpoch: 0,
    initArgs: {
      plans: JSON.parse(formatPlans(plansData)),
      configuration: name,
      fold: 0,
      datasetJson: formatDatasetJson(datasetJson) as JsonValue,
    },
    trainerName: "nnUNetTrainer",
    inferenceAllowedMirroringAxes: mirrorAxes,
  });
  return folder;
}

/** Writes another fold of a model that {@link writeUntrainedModel} wrote, with other weights. */
export async function writeUntrainedFold(
  model: string,
  fold: number,
  seed: number,
  name: string = fileNames.checkpointFinal,
): Promise<void> {
  const first = await readCheckpoint(join(model, fileNames.fold(0), fileNames.checkpointFinal));
  const random = createGenerator(seed);
  const networkWeights = new Map([...first.networkWeights].map(([name, { shape, data }]) => {
    const values = Float32Array.from(
      data as Float32Array,
      (value) => value + 0.3 * (random.uniform() - 0.5),
    );
    return [name, { shape, data: values }];
  }));
  await writeCheckpoint(join(model, fileNames.fold(fold), name), {
    ...first,
    networkWeights,
    initArgs: { ...first.initArgs, fold },
  });
}

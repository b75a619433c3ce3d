/** Makes small models of every kind that a page has to segment with. */

import { join } from "@std/path";
import type { DatasetJson } from "../../lib/files/dataset.ts";
import type { ConfigurationName, PlansData } from "../../lib/files/plans.ts";
import { planDataset } from "../../lib/planning/plan_dataset.ts";
import type { PlannerName } from "../../lib/planning/presets.ts";
import { sizeOf, type Zyx } from "../../lib/array/nd_array.ts";
import { imageFrom } from "../../lib/image/image_from.ts";
import type { Image } from "../../lib/image/image.ts";
import { createGenerator } from "../../lib/random/generator.ts";
import { writeUntrainedFold, writeUntrainedModel } from "../untrained_model.ts";

/** How a model is planned. */
export interface SmallModel {
  readonly configuration: ConfigurationName;
  readonly channels?: readonly string[];
  readonly labels?: DatasetJson["labels"];
  readonly regionsClassOrder?: readonly number[];
  /** Voxels and mm, (z, y, x), of the data set's scans. */
  readonly shape?: Zyx;
  readonly spacing?: Zyx;
  readonly planner?: PlannerName;
  /** Other folds than 0. */
  readonly folds?: readonly number[];
}

/** Plans a data set of equal scans for a tiny network. */
export function smallPlans({
  channels = ["MRI"],
  labels = { background: 0, front: 1, back: 2 },
  shape = [24, 32, 28],
  spacing = [1, 1, 1],
  planner,
}: SmallModel): PlansData {
  const cases = 4;
  return planDataset(
    {
      spacings: Array(cases).fill(spacing),
      shapesAfterCrop: Array(cases).fill(shape),
      medianRelativeSizeAfterCropping: 1,
      intensityProperties: channels.map(() => ({
        ...{ max: 3000, mean: 100, median: 90, min: -1000 },
        ...{ percentile005: -900, percentile995: 1500, std: 300 },
      })),
    },
    {
      datasetName: "Dataset001_Small",
      channelNames: channels,
      labelCount: Object.keys(labels).length,
      trainingCases: cases,
      imageReaderWriter: "SimpleITKIO",
    },
    { planner, gpuMemoryTarget: 0.05, baseFeatures: 4 },
  );
}

/**
 * Writes a model with random weights.
 *
 * @param root A folder for `nnUNet_results`' content.
 * @param plans The plans; those of {@link smallPlans} by default.
 * @returns The model's folder.
 */
export async function writeSmallModel(
  root: string,
  model: SmallModel,
  plans: PlansData = smallPlans(model),
): Promise<string> {
  const { channels = ["MRI"], labels = { background: 0, front: 1, back: 2 } } = model;
  const folder = await writeUntrainedModel(root, {
    plansData: plans,
    datasetJson: {
      channelNames: channels,
      labels,
      fileEnding: ".nii.gz",
      ...model.regionsClassOrder && { regionsClassOrder: model.regionsClassOrder },
    },
    configuration: model.configuration,
  });
  for (const fold of model.folds ?? []) await writeUntrainedFold(folder, fold, fold);
  return folder;
}

/** Returns a scan of smooth structures with noise, the same for the same seed. */
export function smallScan(
  { channels = ["MRI"], shape = [24, 32, 28], spacing = [1, 1, 1] }: Partial<
    SmallModel
  >,
  seed = 1,
): Image {
  const random = createGenerator(seed);
  const voxels = sizeOf(shape);
  const data = new Float32Array(channels.length * voxels);
  for (let i = 0; i < data.length; i++) {
    const channel = Math.floor(i / voxels), rest = i % voxels;
    const z = Math.floor(rest / (shape[1] * shape[2]));
    const y = Math.floor(rest / shape[2]) % shape[1], x = rest % shape[2];
    const waves = Math.sin((z + channel) / 3) + Math.cos((y - channel) / 5) + Math.sin(x / 4);
    data[i] = 200 * waves + 40 * random.normal();
  }
  return imageFrom(data, { channels: channels.length, shape, spacing });
}

/** A folder of models that is removed when tests end. */
export function modelsFolder(): string {
  const root = Deno.makeTempDirSync({ prefix: "nnunet_pages_" });
  globalThis.addEventListener("unload", () => Deno.removeSync(root, { recursive: true }));
  return join(root, "results");
}

/** Makes a planned, untrained model, and scans to predict with it. */

import { join } from "@std/path";
import { Dataset } from "../../lib/dataset/dataset.ts";
import { copyFileIfNewer } from "../../lib/files/copy_file.ts";
import { channelFileName } from "../../lib/files/paths.ts";
import { Planner } from "../../lib/planner.ts";
import { writeUntrainedModel } from "../untrained_model.ts";

/** A model, scans to predict with it, and its plan. */
export interface BenchModel {
  readonly model: string;
  readonly input: string;
  readonly cases: number;
  readonly patchSize: readonly number[];
}

/**
 * Plans 3d_fullres for a folder of scans and labels, and writes a network with random weights.
 *
 * @param data Folder with `input/` and `ground_truth/`.
 * @param root Folder to which nnU-Net's folders are written, and `scans/` with the first scans.
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
  const configuration = "3d_fullres";
  const model = await writeUntrainedModel(plans.folders.results, {
    plansData: plans.plansData,
    datasetJson: dataset.json,
    configuration,
  });
  const input = join(root, "scans");
  const chosen = dataset.cases.slice(0, limit);
  for (const { name, images } of chosen) {
    const copy = join(input, channelFileName(name, 0, dataset.json.fileEnding));
    await copyFileIfNewer(images[0], copy);
  }
  const { patchSize } = plans.configuration(configuration);
  return { model, input, cases: chosen.length, patchSize };
}

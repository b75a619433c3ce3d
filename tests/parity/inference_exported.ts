/** Runs exported models with Python's ONNX Runtime and with ours. */

import { join } from "@std/path";
import { sizeOf } from "../../lib/array/nd_array.ts";
import { headsOf } from "../../lib/model/heads.ts";
import { exportedModel } from "../../lib/model/exported_model.ts";
import { inferenceNames } from "../../lib/model/inference_graph.ts";
import { openModel } from "../../lib/model/open_model.ts";
import { openTrained } from "../../lib/model/open_trained.ts";
import { createGenerator } from "../../lib/random/generator.ts";
import { type HostTensor, Session } from "../../lib/runtime/session.ts";
import type { PythonPeer } from "../bench/python_peer.ts";
import { largestDifference, patchLogits } from "./patch_logits.ts";

/**
 * Largest difference of an exported model's outputs, logits and probabilities, between Python's ONNX
 * Runtime and ours.
 *
 * @param folder Folder of the model.
 * @param root Folder for all files that are written.
 */
export async function compareExported(
  peer: PythonPeer,
  folder: string,
  root: string,
): Promise<number> {
  const { checkpoints: [checkpoint], ...model } = await openTrained(folder, { folds: [0] });
  const { patchSize } = model.configuration;
  const path = join(root, "exported.onnx");
  await Deno.writeFile(
    path,
    exportedModel(model, checkpoint.networkWeights, { mirroring: true, probabilities: true }),
  );
  const { models: [plain] } = await openModel(folder, { folds: [0] });
  const { models: [exported], mirrorAxes } = await openModel(path);
  if (mirrorAxes.length > 0) throw new Error("Exported model asks for mirroring, expected none");
  const session = await Session.create(plain);
  const channels = model.datasetJson.channelNames.length +
    (model.configuration.previousStage ? Object.keys(model.datasetJson.labels).length - 1 : 0);
  const generator = createGenerator(4);
  const shape = [2, channels, ...patchSize];
  const data = Float32Array.from({ length: sizeOf(shape) }, () => generator.normal());
  await Deno.writeFile(join(root, "batch"), new Uint8Array(data.buffer));
  await peer.ask({ model: path, batch: join(root, "batch"), shape });
  const theirs = await takeFloats(join(root, "batch.logits"));
  const probabilities = await takeFloats(join(root, "batch.probabilities"));
  // Both patches of the batch, one at a time and view by view.
  const heads = theirs.length / 2 / sizeOf(patchSize);
  let largest = 0;
  for (const item of [0, 1]) {
    const ofItem = ({ length }: Float32Array) =>
      [item * length / 2, (item + 1) * length / 2] as const;
    const ours = await patchLogits(session, data.slice(...ofItem(data)), {
      patchSize,
      heads,
      mirrorAxes: model.mirrorAxes,
    });
    largest = Math.max(largest, largestDifference(ours, theirs.subarray(...ofItem(theirs))));
  }
  await session.release();
  const decided = probabilitiesOf(theirs, heads, headsOf(model.datasetJson).regions !== undefined);
  const again = await Session.create(exported);
  const image: HostTensor = { type: "float32", shape, data };
  const outputs = await again.run({ [inferenceNames.image]: image });
  await again.release();
  return Math.max(
    largest,
    largestDifference(outputs[inferenceNames.logits].data as Float32Array, theirs),
    largestDifference(outputs[inferenceNames.probabilities].data as Float32Array, probabilities),
    largestDifference(decided, probabilities),
  );
}

/** Reads a file and removes it, so that it cannot be read as the next model's. */
async function takeFloats(path: string): Promise<Float32Array<ArrayBuffer>> {
  const { buffer } = await Deno.readFile(path);
  await Deno.remove(path);
  return new Float32Array(buffer);
}

/** Softmax over the heads or, for regions, each head's sigmoid; (2, heads, …patch). */
function probabilitiesOf(logits: Float32Array, heads: number, regions: boolean): Float32Array {
  const sigmoid = (value: number) => 1 / (1 + Math.exp(-value));
  if (regions) return logits.map(sigmoid);
  const voxels = logits.length / 2 / heads;
  return logits.map((value, i) => {
    const first = Math.floor(i / (heads * voxels)) * heads * voxels + i % voxels;
    let total = 0;
    for (let head = 0; head < heads; head++) {
      total += Math.exp(logits[first + head * voxels] - value);
    }
    return 1 / total;
  });
}

/** Finds this processor's channel block by running a tiny model. */

import type { Shape } from "../../array/nd_array.ts";
import { encodeModel } from "../../graph/encode.ts";
import { Graph } from "../../graph/graph.ts";
import { blockChannels } from "./operators.ts";

/** Names of the tiny model's input and output. */
export const channelBlockNames = { input: "image", output: "blocked" } as const;

/** The tiny model's input. */
export interface ChannelBlockInput {
  readonly type: "float32";
  readonly shape: Shape;
  readonly data: Float32Array<ArrayBuffer>;
}

/** Runs a model with one input on the CPU provider and returns its output. */
export type RunModel = (
  model: Uint8Array<ArrayBuffer>,
  input: ChannelBlockInput,
) => Promise<{ readonly shape: Shape }>;

/**
 * Returns the number of channels per block: 16 with AVX-512, 8 with AVX, 1 if ONNX Runtime does not
 * block channels.
 */
export async function channelBlockOf(run: RunModel): Promise<number> {
  // ONNX Runtime pads four channels to one block.
  const shape = [1, 4, 1, 1];
  const graph = new Graph();
  const image = graph.input(channelBlockNames.input, "float32", shape);
  graph.output(channelBlockNames.output, blockChannels(image));
  const input: ChannelBlockInput = { type: "float32", shape, data: new Float32Array(4) };
  try {
    const blocked = await run(encodeModel(graph), input);
    return blocked.shape[1] > 4 ? blocked.shape[1] : 1;
  } catch {
    // A build of ONNX Runtime without these operators rejects the model.
    return 1;
  }
}

/** How many channels ONNX Runtime blocks on this processor, asked of itself by a tiny model. */

import type { Shape } from "../../array/nd_array.ts";
import { encodeModel } from "../../graph/encode.ts";
import { Graph } from "../../graph/graph.ts";
import { blockChannels } from "./operators.ts";

/** Names of the tiny model's input and output. */
export const channelBlockNames = { input: "image", output: "blocked" } as const;

/** What the tiny model is fed with. */
export interface ChannelBlockInput {
  readonly type: "float32";
  readonly shape: Shape;
  readonly data: Float32Array<ArrayBuffer>;
}

/** Runs a model of one input on the CPU provider and gives its output. */
export type RunModel = (
  model: Uint8Array<ArrayBuffer>,
  input: ChannelBlockInput,
) => Promise<{ readonly shape: Shape }>;

/**
 * Channels a block: 16 with AVX-512, 8 with AVX; 1 where ONNX Runtime has no blocks.
 */
export async function channelBlockOf(run: RunModel): Promise<number> {
  // Four channels are filled up to one block.
  const shape = [1, 4, 1, 1];
  const graph = new Graph();
  const image = graph.input(channelBlockNames.input, "float32", shape);
  graph.output(channelBlockNames.output, blockChannels(image));
  const input: ChannelBlockInput = { type: "float32", shape, data: new Float32Array(4) };
  try {
    const blocked = await run(encodeModel(graph), input);
    return blocked.shape[1] > 4 ? blocked.shape[1] : 1;
  } catch {
    // A build of ONNX Runtime without these operators refuses the model.
    return 1;
  }
}

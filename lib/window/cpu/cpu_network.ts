/** Loads networks in the form that the CPU runs fastest. */

import { sizeOf } from "../../array/nd_array.ts";
import { encodeModel } from "../../graph/encode.ts";
import { type ComputeConstants, foldConstants } from "../../graph/fold_constants.ts";
import { Graph } from "../../graph/graph.ts";
import { importedNetwork } from "../../graph/imported_network.ts";
import { peakMemory } from "../../graph/peak_memory.ts";
import { channelBlockNames, channelBlockOf } from "../../lowering/blocked/channel_block.ts";
import { fastestConvTranspose } from "../../lowering/cpu/transposed_convolution.ts";
import { foldBatchNorm } from "../../lowering/fold_batch_norm.ts";
import { lowerFor } from "../../lowering/for_device.ts";
import { lower } from "../../lowering/lower.ts";
import { inferenceNames } from "../../model/inference_graph.ts";
import { Session, type SessionOptions } from "../../runtime/session.ts";

/** How to run a network. */
export interface CpuNetworkOptions extends Pick<SessionOptions, "threads"> {
  /** Patches per run, 1 by default. Models with a fixed number accept only that. */
  readonly patches?: number;
}

/**
 * Loads an inference model of this library.
 *
 * 3D networks are lowered to blocked channels if the processor supports them. 2D networks are not:
 * ONNX Runtime blocks their channels itself, since their weights are constant (figures are in
 * `lib/lowering/blocked/NOTES.md`).
 *
 * @returns A session from `image` (n, c, …patch) to `logits` (n, heads, …patch).
 * @throws {TypeError} If the model was not written by this library, or has another fixed n.
 */
export async function openCpuNetwork(
  model: Uint8Array,
  { threads, patches = 1 }: CpuNetworkOptions = {},
): Promise<Session> {
  const lowered = loweredNetwork(model, patches, await channelBlockOf(runOnce));
  const folded = await foldConstants(lowered, computeConstants);
  return await Session.create(encodeModel(folded), { threads });
}

/**
 * Estimates the bytes that networks of {@link openCpuNetwork} need: all weights, and one patch's
 * activations.
 *
 * @param models One model per fold, all with the same architecture.
 */
export function cpuNetworkBytes(models: readonly Uint8Array[]): number {
  const graph = loweredNetwork(models[0], 1, WIDEST_BLOCK);
  const weights = graph.constants.reduce((sum, { shape }) => sum + 4 * sizeOf(shape), 0);
  return peakMemory(graph).bytes + (models.length - 1) * weights;
}

/** Channels per block on processors with AVX-512; no processor takes more. */
const WIDEST_BLOCK = 16;

function loweredNetwork(model: Uint8Array, patches: number, channelBlock: number): Graph {
  const { shape: [built, ...shape], isBatchFree, build } = importedNetwork(model);
  if (!isBatchFree && built !== patches) {
    throw new TypeError(`Cannot load the model: it takes ${built} patches, expected ${patches}`);
  }
  const whole = new Graph("n");
  whole.output(
    inferenceNames.logits,
    build(whole.input(inferenceNames.image, "float32", [patches, ...shape])),
  );
  const graph = foldBatchNorm(whole);
  // With constant weights, all of ONNX Runtime's operators except ConvTranspose are fast unblocked.
  return channelBlock > 1 && shape.length === 4
    ? lowerFor("cpu", graph, { channelBlock })
    : lower(graph, { ConvTranspose: fastestConvTranspose });
}

const computeConstants: ComputeConstants = (graph) =>
  withSession(encodeModel(graph), (session) => session.run({}));

const runOnce: Parameters<typeof channelBlockOf>[0] = (model, input) =>
  withSession(model, async (session) => {
    const outputs = await session.run({ [channelBlockNames.input]: input });
    return outputs[channelBlockNames.output];
  });

async function withSession<T>(
  model: Uint8Array,
  use: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await Session.create(model);
  try {
    return await use(session);
  } finally {
    await session.release();
  }
}

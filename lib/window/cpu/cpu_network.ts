/** A network's model as the CPU runs it fastest. */

import { sizeOf } from "../../array/nd_array.ts";
import { encodeModel } from "../../graph/encode.ts";
import { type ComputeConstants, foldConstants } from "../../graph/fold_constants.ts";
import { Graph } from "../../graph/graph.ts";
import { importedNetwork } from "../../graph/imported_network.ts";
import { peakMemory } from "../../graph/peak_memory.ts";
import { channelBlockNames, channelBlockOf } from "../../lowering/blocked/channel_block.ts";
import { fastestConvTranspose } from "../../lowering/cpu/transposed_convolution.ts";
import { lowerFor } from "../../lowering/for_device.ts";
import { lower } from "../../lowering/lower.ts";
import { inferenceNames } from "../../model/inference_graph.ts";
import { Session, type SessionOptions } from "../../runtime/session.ts";

/** How a network is run. */
export interface CpuNetworkOptions extends Pick<SessionOptions, "threads"> {
  /** Patches a run, 1 by default; of models that have their number built in it is no other. */
  readonly patches?: number;
}

/**
 * Loads an inference model of this project.
 *
 * 3D networks go into blocked channels where the processor has them. 2D ones stay as they are:
 * ONNX Runtime blocks their channels itself, since their weights are constant (figures are in
 * `lib/lowering/blocked/NOTES.md`).
 *
 * @returns A session from `image` (n, c, …patch) to `logits` (n, heads, …patch).
 * @throws {TypeError} If the model is not one of this project, or has another n built in.
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
 * Bytes that networks of {@link openCpuNetwork} take, about: all weights, and one patch's
 * activations.
 *
 * @param models One a fold, alike.
 */
export function cpuNetworkBytes(models: readonly Uint8Array[]): number {
  const graph = loweredNetwork(models[0], 1, WIDEST_BLOCK);
  const weights = graph.constants.reduce((sum, { shape }) => sum + 4 * sizeOf(shape), 0);
  return peakMemory(graph).bytes + (models.length - 1) * weights;
}

/** Channels a block on processors with AVX-512; no other takes more. */
const WIDEST_BLOCK = 16;

function loweredNetwork(model: Uint8Array, patches: number, channelBlock: number): Graph {
  const { shape: [built, ...shape], isBatchFree, build } = importedNetwork(model);
  if (!isBatchFree && built !== patches) {
    throw new TypeError(`Cannot load the model: it takes ${built} patches, expected ${patches}`);
  }
  const graph = new Graph("n");
  graph.output(
    inferenceNames.logits,
    build(graph.input(inferenceNames.image, "float32", [patches, ...shape])),
  );
  // Without blocks, ONNX Runtime's own operators are fast where weights are constant, but for one.
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

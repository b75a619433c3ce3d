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
import { onnxRuntime } from "../../platform/onnx_runtime.ts";
import { processorCount } from "../../platform/processors.ts";
import { type HostTensor, Session, type SessionOptions } from "../../runtime/session.ts";
import { WasmNetwork } from "../wasm/wasm_network.ts";

/** How to run a network. */
export interface CpuNetworkOptions extends Pick<SessionOptions, "threads"> {
  /** Patches per run, 1 by default. Models with a fixed number accept only that. */
  readonly patches?: number;
}

/** A network ready to run. */
export type CpuNetwork = Pick<Session, "run" | "release">;

/**
 * Threads up to which WebAssembly runs networks with this library's kernels, on one thread. ONNX
 * Runtime takes 3.5 to 3.8 times as long on one (see `lib/window/wasm/NOTES.md`); that it gains as
 * much from four threads is an estimate.
 */
const WASM_THREADS = 4;

/**
 * Loads an inference model of this library, as {@link openCpuNetworks} does.
 */
export async function openCpuNetwork(
  model: Uint8Array,
  options?: CpuNetworkOptions,
): Promise<CpuNetwork> {
  const [network] = await openCpuNetworks([model], options);
  return network;
}

/**
 * Loads inference models of this library.
 *
 * 3D networks are lowered to blocked channels if the processor supports them. 2D networks are not:
 * ONNX Runtime blocks their channels itself, since their weights are constant (figures are in
 * `lib/lowering/blocked/NOTES.md`). In WebAssembly, this library's own kernels run them.
 *
 * @param models One model per fold, all with the same architecture.
 * @returns For each, a session from `image` (n, c, …patch) to `logits` (n, heads, …patch).
 * @throws {TypeError} If a model was not written by this library, or has another fixed n.
 */
export async function openCpuNetworks(
  models: readonly Uint8Array[],
  { threads = processorCount(), patches = 1 }: CpuNetworkOptions = {},
): Promise<CpuNetwork[]> {
  if (onnxRuntime.isWebAssembly && threads <= WASM_THREADS) {
    const networks = WasmNetwork.of(models.map((model) => plainNetwork(model, patches)));
    if (networks) return networks.map(sessionOf);
  }
  const channelBlock = await channelBlockOf(runOnce);
  return await Promise.all(models.map(async (model) => {
    const lowered = loweredNetwork(model, patches, channelBlock);
    const folded = await foldConstants(lowered, computeConstants);
    return await Session.create(encodeModel(folded), { threads });
  }));
}

/** Returns a network of WebAssembly as a session. */
function sessionOf(network: WasmNetwork): CpuNetwork {
  return {
    run({ [inferenceNames.image]: image }) {
      const { shape: [, , ...patch], data } = image as HostTensor<Float32Array<ArrayBuffer>>;
      const logits = network.run(data);
      const shape = [1, logits.length / sizeOf(patch), ...patch];
      return Promise.resolve({ [inferenceNames.logits]: { type: "float32", shape, data: logits } });
    },
    release: () => Promise.resolve(),
  };
}

/**
 * Estimates the bytes that networks of {@link openCpuNetworks} need: all weights, and one patch's
 * activations.
 *
 * @param models One model per fold, all with the same architecture.
 */
export function cpuNetworkBytes(models: readonly Uint8Array[]): number {
  const own = onnxRuntime.isWebAssembly && processorCount() <= WASM_THREADS
    ? WasmNetwork.bytesOf(models.map((model) => plainNetwork(model, 1)))
    : undefined;
  if (own !== undefined) return own;
  const graph = loweredNetwork(models[0], 1, WIDEST_BLOCK);
  const weights = graph.constants.reduce((sum, { shape }) => sum + 4 * sizeOf(shape), 0);
  return peakMemory(graph).bytes + (models.length - 1) * weights;
}

/** Channels per block on processors with AVX-512; no processor takes more. */
const WIDEST_BLOCK = 16;

/** Returns a network before it is lowered. */
function plainNetwork(model: Uint8Array, patches: number): Graph {
  const { shape: [built, ...shape], isBatchFree, build } = importedNetwork(model);
  if (!isBatchFree && built !== patches) {
    throw new TypeError(`Cannot load the model: it takes ${built} patches, expected ${patches}`);
  }
  const whole = new Graph("n");
  whole.output(
    inferenceNames.logits,
    build(whole.input(inferenceNames.image, "float32", [patches, ...shape])),
  );
  return foldBatchNorm(whole);
}

function loweredNetwork(model: Uint8Array, patches: number, channelBlock: number): Graph {
  const graph = plainNetwork(model, patches);
  const [{ shape }] = graph.inputs;
  // With constant weights, all of ONNX Runtime's operators except ConvTranspose are fast unblocked.
  return channelBlock > 1 && shape.length === 5
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

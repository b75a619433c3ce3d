/** The plain U-Nets of all benchmarks, and what Python's side is told of them. */

import type { Shape } from "../../lib/array/nd_array.ts";
import type { Network } from "../../lib/network/network.ts";
import { plainUNet } from "../../lib/network/plain_unet.ts";

/** A network by what it sees and how wide its stages are. */
export interface BenchNetwork {
  readonly patch: Shape;
  readonly batch: number;
  readonly features: readonly number[];
}

/** Labels of every network, background included. */
export const CLASSES = 3;

/** Kernels of 3 everywhere, and strides of 2 after the first stage. */
export function geometryOf({ patch, features }: BenchNetwork) {
  return {
    kernels: features.map(() => patch.map(() => 3)),
    strides: features.map((_, stage) => patch.map(() => stage === 0 ? 1 : 2)),
  };
}

export function networkOfBench(network: BenchNetwork, deepSupervision: boolean): Network {
  const { patch, features } = network;
  const { kernels, strides } = geometryOf(network);
  return plainUNet({
    networkClassName: "dynamic_network_architectures.architectures.unet.PlainConvUNet",
    dimensions: patch.length as 2 | 3,
    featuresPerStage: features,
    kernelSizes: kernels,
    strides,
    convsPerStage: features.map(() => 2),
    convsPerStageDecoder: features.slice(1).map(() => 2),
  }, { heads: CLASSES, deepSupervision });
}

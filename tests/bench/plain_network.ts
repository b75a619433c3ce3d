/** The plain U-Nets of the benchmarks, and their settings for Python. */

import type { Shape } from "../../lib/array/nd_array.ts";
import type { Network } from "../../lib/network/network.ts";
import { plainUNet } from "../../lib/network/plain_unet.ts";

/** A network's patch and batch size and the features of its stages. */
export interface BenchNetwork {
  readonly patch: Shape;
  readonly batch: number;
  readonly features: readonly number[];
}

/** Number of labels of every network, including background. */
export const CLASSES = 3;

/** Kernel sizes and strides: 3 in all stages, and 2 after the first stage. */
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

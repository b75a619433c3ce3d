/** The networks that `deno task bench:gpu` measures: those of nnU-Net's own plans. */

import type { Shape } from "../../lib/array/nd_array.ts";
import type { Network } from "../../lib/network/network.ts";
import { plainUNet } from "../../lib/network/plain_unet.ts";

/** A plan's network and batch. */
export interface BenchNetwork {
  readonly patch: Shape;
  readonly batch: number;
  readonly features: readonly number[];
}

/** Classes of every network. */
export const classes = 3;

export const benchNetworks: Readonly<Record<string, BenchNetwork>> = {
  "3d_fullres 128³": {
    patch: [128, 128, 128],
    batch: 2,
    features: [32, 64, 128, 256, 320, 320],
  },
  "hippocampus 40×56×40": { patch: [40, 56, 40], batch: 9, features: [32, 64, 128, 256] },
  "2d 512²": {
    patch: [512, 512],
    batch: 12,
    features: [32, 64, 128, 256, 512, 512, 512, 512],
  },
};

/** Small enough for a computer without a GPU: shows that the measurement works, and nothing else. */
export const smokeNetworks: Readonly<Record<string, BenchNetwork>> = {
  "smoke 3d": { patch: [8, 16, 16], batch: 2, features: [4, 8] },
  "smoke 2d": { patch: [32, 32], batch: 2, features: [4, 8] },
};

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
  }, { heads: classes, deepSupervision });
}

/** The networks that `deno task bench:gpu` measures: those of nnU-Net's plans. */

import type { BenchNetwork } from "./plain_network.ts";

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

/** Networks small enough for a computer without a GPU, to check that the benchmark works. */
export const smokeNetworks: Readonly<Record<string, BenchNetwork>> = {
  "smoke 3d": { patch: [8, 16, 16], batch: 2, features: [4, 8] },
  "smoke 2d": { patch: [32, 32], batch: 2, features: [4, 8] },
};

/** Makes models of small networks with random weights, of each kind that nnU-Net plans. */

import { inferenceModel } from "../../lib/model/inference_graph.ts";
import { initialWeights, parametersOf } from "../../lib/network/network.ts";
import { networkOf } from "../../lib/network/network_of.ts";
import { createGenerator } from "../../lib/random/generator.ts";
import { parametersByName } from "../../lib/training/step/flat_parameters.ts";

/** How a network is built. */
export interface SmallNetwork {
  readonly className: "PlainConvUNet" | "ResidualEncoderUNet";
  readonly patch: readonly number[];
  readonly channels: number;
  readonly features: readonly number[];
  readonly kernels: readonly (readonly number[])[];
  readonly strides: readonly (readonly number[])[];
}

/** Networks by name. */
export const smallNetworks: Readonly<Record<string, SmallNetwork>> = {
  "3D": {
    className: "PlainConvUNet",
    patch: [4, 8, 6],
    channels: 1,
    features: [16, 32],
    kernels: [[3, 3, 3], [3, 3, 3]],
    strides: [[1, 1, 1], [2, 2, 2]],
  },
  "anisotropic, some features that fill no block": {
    className: "PlainConvUNet",
    patch: [3, 12, 8],
    channels: 2,
    features: [12, 16, 24],
    kernels: [[1, 3, 3], [3, 3, 3], [3, 3, 3]],
    strides: [[1, 1, 1], [1, 2, 2], [1, 2, 2]],
  },
  "residual encoder": {
    className: "ResidualEncoderUNet",
    patch: [4, 8, 8],
    channels: 1,
    features: [16, 32],
    kernels: [[3, 3, 3], [3, 3, 3]],
    strides: [[1, 1, 1], [2, 2, 2]],
  },
  "odd extents": {
    className: "PlainConvUNet",
    patch: [10, 14, 18],
    channels: 1,
    features: [8, 16],
    kernels: [[3, 3, 3], [3, 3, 3]],
    strides: [[1, 1, 1], [2, 2, 2]],
  },
  "2D": {
    className: "PlainConvUNet",
    patch: [16, 12],
    channels: 3,
    features: [16, 32],
    kernels: [[3, 3], [3, 3]],
    strides: [[1, 1], [2, 2]],
  },
};

/** Heads of the networks. */
export const smallHeads = 3;

/**
 * Makes a network's model.
 *
 * @param batch Patches per run.
 * @param seed Of the weights.
 */
export function smallNetworkModel(
  { className, patch, channels, features, kernels, strides }: SmallNetwork,
  batch: number,
  seed = 1,
): Uint8Array<ArrayBuffer> {
  const network = networkOf({
    networkClassName: className,
    dimensions: patch.length as 2 | 3,
    featuresPerStage: features,
    kernelSizes: kernels,
    strides,
    convsPerStage: features.map(() => 2),
    convsPerStageDecoder: features.slice(1).map(() => 1),
  }, { heads: smallHeads, deepSupervision: false });
  const shape = [batch, channels, ...patch];
  const parameters = parametersOf(network, shape);
  const generator = createGenerator(seed);
  // Biases are not zero and scales not one, unlike initial values.
  const weights = initialWeights(parameters, generator).map((w) => w + 0.1 * generator.normal());
  return inferenceModel(network, shape, parametersByName(parameters, weights));
}

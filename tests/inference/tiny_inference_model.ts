/** Encodes a small network with random weights as a model. */

import type { Shape } from "../../lib/array/nd_array.ts";
import { inferenceModel } from "../../lib/model/inference_graph.ts";
import { initialWeights, parametersOf } from "../../lib/network/network.ts";
import { networkOf } from "../../lib/network/network_of.ts";
import { createGenerator } from "../../lib/random/generator.ts";
import { parametersByName } from "../../lib/training/step/flat_parameters.ts";

export function tinyInferenceModel(
  { tileSize, heads, channels, seed = 0 }: {
    readonly tileSize: Shape;
    readonly heads: number;
    readonly channels: number;
    readonly seed?: number;
  },
) {
  const every = (value: number) => tileSize.map(() => value);
  const network = networkOf({
    networkClassName: "PlainConvUNet",
    dimensions: tileSize.length as 2 | 3,
    featuresPerStage: [4, 6],
    kernelSizes: [every(3), every(3)],
    strides: [every(1), every(2)],
    convsPerStage: [1, 1],
    convsPerStageDecoder: [1],
  }, { heads, deepSupervision: false });
  const imageShape = [1, channels, ...tileSize];
  const parameters = parametersOf(network, imageShape);
  const weights = initialWeights(parameters, createGenerator(seed));
  return inferenceModel(network, imageShape, parametersByName(parameters, weights));
}

/** What is fastest on ONNX Runtime's CPU provider. */

import type { Shape } from "../array/nd_array.ts";
import * as o from "../graph/operators.ts";
import { fastestConv, fastestWeightGradient } from "./convolution_choice.ts";
import { convInputGradientAsConvs } from "./convolution_gradients.ts";
import { instanceNormAsBatchNorm, instanceNormGradientAsBatchNorm } from "./instance_norm.ts";
import type { LoweringTable } from "./lower.ts";
import { blockConvTranspose } from "./transposed_convolution.ts";

export const cpuLowerings: LoweringTable = {
  Conv: ([x, w, bias], attributes) => [fastestConv(x, w, bias, attributes)],
  "nnunet:ConvInputGradient": ([dy, w], { shape, ...attributes }) => [
    convInputGradientAsConvs(dy, w, shape as Shape, attributes, fastestConv),
  ],
  "nnunet:ConvWeightGradient": ([x, dy], { shape, ...attributes }) => [
    fastestWeightGradient(x, dy, shape as Shape, attributes),
  ],
  ConvTranspose: blockConvTranspose,
  InstanceNormalization: instanceNormAsBatchNorm,
  "nnunet:InstanceNormalizationGradient": instanceNormGradientAsBatchNorm,
  // Over an axis that is not the last, ONNX Runtime's own transposes twice and runs on one thread.
  LogSoftmax: ([x], { axis }) => {
    const shifted = o.sub(x, o.reduceMax(x, [axis as number], true));
    return [o.sub(shifted, o.log(o.reduceSum(o.exp(shifted), [axis as number], true)))];
  },
  // The slope as a function of the output's sign, without a comparison and a choice: a hard
  // sigmoid this steep is 0 or 1.
  "nnunet:LeakyReluGradient": ([y, dy], { alpha }) => [
    o.mul(dy, o.clip(o.hardSigmoid(y, 1e30, 0), alpha as number, 1)),
  ],
};

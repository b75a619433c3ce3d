/** Lists the lowerings that are fastest on ONNX Runtime's CPU provider. */

import type { Shape } from "../../array/nd_array.ts";
import * as o from "../../graph/operators.ts";
import { attentionLowerings } from "../attention.ts";
import { convInputGradientAsConvs } from "../convolution_gradients.ts";
import { logSoftmaxByParts } from "../log_softmax.ts";
import type { Lowering, LoweringTable } from "../lower.ts";
import { batchNormByChannel, batchNormGradientByChannel } from "./batch_norm.ts";
import { fastestConv, fastestWeightGradient } from "./convolution_choice.ts";
import { instanceNormAsBatchNorm, instanceNormGradientAsBatchNorm } from "./instance_norm.ts";
import { interleave } from "./interleave.ts";
import { fastestConvTranspose } from "./transposed_convolution.ts";

/** Splits an input with slices, each of which can be recomputed: see `../recompute.ts`. */
const splitInput: Lowering = ([x, sizes], attributes) => {
  if (x.graph.producerOf(x)) return x.graph.add("Split", [x, sizes], attributes);
  let end = 0;
  return Array.from(sizes.constant!, Number).map((size) => {
    const start = end;
    end += size;
    return o.slice(x, [{ axis: attributes.axis as number, start, end }]);
  });
};

export const cpuLowerings: LoweringTable = {
  ...attentionLowerings,
  Conv: ([x, w, bias], attributes) => [fastestConv(x, w, bias, attributes)],
  "nnunet:ConvInputGradient": ([dy, w], { shape, ...attributes }) => [
    convInputGradientAsConvs(dy, w, shape as Shape, attributes, fastestConv, interleave),
  ],
  "nnunet:ConvWeightGradient": ([x, dy], { shape, ...attributes }) => [
    fastestWeightGradient(x, dy, shape as Shape, attributes),
  ],
  ConvTranspose: fastestConvTranspose,
  Split: splitInput,
  BatchNormalization: batchNormByChannel,
  "nnunet:BatchNormalizationGradient": batchNormGradientByChannel,
  InstanceNormalization: instanceNormAsBatchNorm,
  "nnunet:InstanceNormalizationGradient": instanceNormGradientAsBatchNorm,
  // For an axis that is not the last, ONNX Runtime transposes twice and runs on one thread.
  LogSoftmax: ([x], { axis }) => [logSoftmaxByParts(x, axis as number)],
  // The slope depends on the output's sign. A hard sigmoid this steep is 0 or 1, which is faster
  // than a comparison and a selection.
  "nnunet:LeakyReluGradient": ([y, dy], { alpha }) => [
    o.mul(dy, o.clip(o.hardSigmoid(y, 1e30, 0), alpha as number, 1)),
  ],
};

/**
 * Lists the lowerings that are fastest on ONNX Runtime's CPU provider if it supports blocked
 * channels.
 *
 * Operators on images whose channels fill whole channel blocks (`operators.ts`) are computed on
 * blocked channels, and their results stay blocked; every other operator, and every other image, is
 * lowered as in `../cpu/lowerings.ts`.
 */

import { sameShape, type Shape, sizeOf } from "../../array/nd_array.ts";
import { type Attributes, convolutionAttributes } from "../../graph/attributes.ts";
import type { Value } from "../../graph/graph.ts";
import type { OperatorName } from "../../graph/operator_name.ts";
import * as o from "../../graph/operators.ts";
import { cutsIntoBricks } from "../bricks.ts";
import { cpuLowerings } from "../cpu/lowerings.ts";
import type { Lowering, LoweringTable } from "../lower.ts";
import { blockedConvolution, blockedConvTranspose, blockedInputGradient } from "./convolution.ts";
import { convolutionGeometry } from "./convolution_geometry.ts";
import {
  type Affine,
  applyAffine,
  leakySlope,
  normalization,
  normalizationGradient,
  type Statistics,
  sumOverVoxels,
} from "./instance_norm.ts";
import { BlockedLayout, extentsOf } from "./layout.ts";
import { blockedWeightGradient } from "./weight_gradient.ts";

/**
 * Returns an image's shape as if it were one sample: in blocked form, all planes of a channel follow
 * one another, whatever sample they belong to.
 */
function wholeBatch(shape: Shape): Shape {
  const { batch, channels, depth, plane } = extentsOf(shape);
  return [1, channels, depth * batch, ...plane];
}

/**
 * Returns the table of lowerings for a channel block.
 *
 * @param channelBlock Channels per block, the result of `channelBlockOf()`.
 */
export function blockedLowerings(channelBlock: number): LoweringTable {
  const layout = new BlockedLayout(channelBlock);
  const statistics = new WeakMap<Value, Statistics>();
  const affines = new WeakMap<Value, { readonly affine: Affine; readonly depth: number }>();
  const batchStatistics = new WeakMap<Value, Statistics>();
  const plain = (operator: OperatorName): Lowering =>
    cpuLowerings[operator] ??
      ((inputs, attributes) => inputs[0].graph.add(operator, inputs, attributes));
  const isImage = ({ shape }: Value) => shape.length === 4 || shape.length === 5;
  const areBlocked = (values: readonly Value[]) =>
    values.every((value) => layout.has(value) && layout.fills(value.shape[1]));

  /** Whether blocking pays for a weight (filters, c, …kernel): all but the narrowest. */
  const suits = ([filters, channels]: Shape) =>
    layout.fills(channels) || (layout.fills(filters) && channels < channelBlock);

  return {
    ...cpuLowerings,
    Conv(inputs, attributes, context) {
      const [x, w, bias] = inputs;
      const geometry = convolutionGeometry(w.shape.slice(2), attributes);
      if (!geometry || !suits(w.shape)) return plain("Conv")(inputs, attributes, context);
      const size = extentsOf(x.shape);
      const place = (n: number, i: number) =>
        Math.floor(
          (n + geometry.before[i] + geometry.after[i] - geometry.kernel[i]) /
            geometry.strides[i],
        ) + 1;
      const places = [size.depth, ...size.plane].map(place);
      const shape = [x.shape[0], w.shape[0], ...places.slice(5 - x.shape.length)];
      return [layout.image(blockedConvolution(x, w, bias, geometry, layout), shape)];
    },
    "nnunet:ConvInputGradient"(inputs, attributes, context) {
      const [dy, w] = inputs;
      const { shape, ...rest } = attributes as Attributes & { readonly shape: Shape };
      const geometry = convolutionGeometry(w.shape.slice(2), rest);
      const dx = geometry && layout.fills(shape[1])
        ? blockedInputGradient(dy, w, shape, geometry, layout)
        : undefined;
      return dx
        ? [layout.image(dx, shape)]
        : plain("nnunet:ConvInputGradient")(inputs, attributes, context);
    },
    "nnunet:ConvWeightGradient"(inputs, attributes, context) {
      const [x, dy] = inputs;
      const { shape, ...rest } = attributes as Attributes & { readonly shape: Shape };
      const geometry = convolutionGeometry(shape.slice(2), rest);
      return geometry && suits(shape)
        ? [blockedWeightGradient(x, dy, shape, geometry, layout)]
        : plain("nnunet:ConvWeightGradient")(inputs, attributes, context);
    },
    ConvTranspose(inputs, attributes, context) {
      const [x, w, bias] = inputs;
      const geometry = convolutionGeometry(w.shape.slice(2), attributes);
      const [channels, filters, ...kernel] = w.shape;
      const shape = [x.shape[0], filters, ...x.shape.slice(2).map((n, i) => n * kernel[i])];
      const isWorthIt = sizeOf(kernel) > 1 && layout.fills(channels) && layout.fills(filters) &&
        cutsIntoBricks(kernel, convolutionAttributes(attributes, kernel.length));
      return geometry && isWorthIt
        ? [layout.image(blockedConvTranspose(x, w, bias, geometry.kernel, layout), shape)]
        : plain("ConvTranspose")(inputs, attributes, context);
    },
    InstanceNormalization(inputs, attributes, context) {
      const [x, scale, bias] = inputs;
      if (!areBlocked([x])) return plain("InstanceNormalization")(inputs, attributes, context);
      const found = normalization(
        layout.of(x),
        x.shape,
        scale,
        bias,
        attributes.epsilon as number,
      );
      statistics.set(x, found.statistics);
      const y = layout.image(applyAffine(found.affine, extentsOf(x.shape).depth), x.shape);
      affines.set(y, { affine: found.affine, depth: extentsOf(x.shape).depth });
      return [y];
    },
    "nnunet:InstanceNormalizationGradient"(inputs, attributes, context) {
      const [x, scale, dy] = inputs;
      const found = statistics.get(x);
      if (!found) {
        return plain("nnunet:InstanceNormalizationGradient")(inputs, attributes, context);
      }
      const [dx, dScale, dBias] = normalizationGradient(x.shape, scale, layout.of(dy), found);
      return [layout.image(dx, x.shape), dScale, dBias];
    },
    BatchNormalization(inputs, attributes, context) {
      const [x, scale, bias, mean, variance] = inputs;
      if (!areBlocked([x])) return plain("BatchNormalization")(inputs, attributes, context);
      const epsilon = attributes.epsilon as number;
      const whole = wholeBatch(x.shape);
      const { depth } = extentsOf(whole);
      if (!attributes.training_mode) {
        const factor = o.div(scale, o.sqrt(o.add(variance, epsilon)));
        const affine = { x: layout.of(x), factor, offset: o.sub(bias, o.mul(mean, factor)) };
        const y = layout.image(applyAffine(affine, depth), x.shape);
        affines.set(y, { affine, depth });
        return [y];
      }
      const found = normalization(layout.of(x), whole, scale, bias, epsilon);
      batchStatistics.set(x, found.statistics);
      const y = layout.image(applyAffine(found.affine, depth), x.shape);
      affines.set(y, { affine: found.affine, depth });
      return [y, found.mean, found.variance];
    },
    "nnunet:BatchNormalizationGradient"(inputs, attributes, context) {
      const [x, scale, dy] = inputs;
      const found = batchStatistics.get(x);
      if (!found) {
        return plain("nnunet:BatchNormalizationGradient")(inputs, attributes, context);
      }
      const whole = wholeBatch(x.shape);
      const [dx, dScale, dBias] = normalizationGradient(whole, scale, layout.of(dy), found);
      return [layout.image(dx, x.shape), dScale, dBias];
    },
    Mul(inputs, attributes, context) {
      const [x, factor] = inputs;
      const [batch, channels, ...size] = x.shape;
      const isPerChannel = isImage(x) &&
        sameShape(factor.shape, [batch, channels, ...size.map(() => 1)]);
      if (!isPerChannel || sizeOf(size) === 1 || !areBlocked([x])) {
        return plain("Mul")(inputs, attributes, context);
      }
      const flat = o.reshape(factor, [batch * channels]);
      const y = applyAffine({ x: layout.of(x), factor: flat }, extentsOf(x.shape).depth);
      return [layout.image(y, x.shape)];
    },
    LeakyRelu(inputs, attributes, context) {
      const [x] = inputs;
      if (!areBlocked([x])) return plain("LeakyRelu")(inputs, attributes, context);
      const alpha = attributes.alpha as number;
      // After a normalisation it is free, as part of the same pass.
      const found = affines.get(x);
      const y = found
        ? applyAffine(found.affine, found.depth, { activation: { leakyRelu: alpha } })
        : o.leakyRelu(layout.of(x), alpha);
      return [layout.image(y, x.shape)];
    },
    "nnunet:LeakyReluGradient"(inputs, attributes, context) {
      const [y, dy] = inputs;
      if (!areBlocked([y])) return plain("nnunet:LeakyReluGradient")(inputs, attributes, context);
      const slope = leakySlope(layout.of(y), attributes.alpha as number);
      return [layout.image(o.mul(layout.of(dy), slope), y.shape)];
    },
    Add(inputs, attributes, context) {
      const [a, b] = inputs;
      return isImage(a) && sameShape(a.shape, b.shape) && layout.fills(a.shape[1]) &&
          (layout.has(a) || layout.has(b))
        ? [layout.image(o.add(layout.of(a), layout.of(b)), a.shape)]
        : plain("Add")(inputs, attributes, context);
    },
    Concat(inputs, attributes, context) {
      if (attributes.axis !== 1 || !areBlocked(inputs)) {
        return plain("Concat")(inputs, attributes, context);
      }
      const [{ shape: [batch, , ...size] }] = inputs;
      const channels = inputs.reduce((sum, { shape }) => sum + shape[1], 0);
      const together = o.concat(inputs.map((input) => layout.of(input)), 1);
      return [layout.image(together, [batch, channels, ...size])];
    },
    Split(inputs, attributes, context) {
      const [x, sizes] = inputs;
      const parts = Array.from(sizes.constant!, Number);
      if (attributes.axis !== 1 || !areBlocked([x]) || !parts.every((n) => layout.fills(n))) {
        return plain("Split")(inputs, attributes, context);
      }
      const [batch, , ...size] = x.shape;
      return o.split(layout.of(x), parts, 1).map((part) =>
        layout.image(part, [batch, part.shape[1], ...size])
      );
    },
    ReduceSum(inputs, attributes, context) {
      const [x, axes] = inputs;
      const summed = axes?.constant ? Array.from(axes.constant, Number) : [];
      const overVoxels = summed.every((axis) => axis >= 2) &&
        x.shape.every((extent, axis) => axis < 2 || extent === 1 || summed.includes(axis));
      if (!overVoxels || !areBlocked([x])) return plain("ReduceSum")(inputs, attributes, context);
      const [batch, channels, ...size] = x.shape;
      const sums = sumOverVoxels(layout.of(x), extentsOf(x.shape).depth);
      const keep = (attributes.keepdims ?? 1) !== 0;
      const left = size.flatMap((extent, i) =>
        summed.includes(i + 2) ? (keep ? [1] : []) : [extent]
      );
      return [o.reshape(sums, [batch, channels, ...left])];
    },
  };
}

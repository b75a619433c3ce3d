/** Infers the types and shapes of operators' outputs, from a table with one row per operator. */

import type { DataType } from "../array/data_type.ts";
import { sameShape, type Shape, sizeOf } from "../array/nd_array.ts";
import { type Attributes, convolutionAttributes } from "./attributes.ts";
import type { OperatorName } from "./operator_name.ts";
import type { TensorInfo } from "./tensor_info.ts";
import { reasonOf } from "../options/reason_of.ts";

/** Type and shape of an output. */
export type Inferred = Pick<TensorInfo, "type" | "shape">;

type Rule = (inputs: readonly (TensorInfo | null)[], attributes: Attributes) => Inferred[];

/**
 * Returns the shape that two arrays broadcast to, as NumPy and ONNX define it.
 *
 * @throws {RangeError} If an axis differs and neither extent is 1.
 */
export function broadcastShapes(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const left = a[i - rank + a.length] ?? 1;
    const right = b[i - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1) {
      throw new RangeError(`Cannot broadcast [${a}] with [${b}]`);
    }
    return left === 1 ? right : left;
  });
}

/** Returns the integers of an input that determines a shape, which must be constant. */
function constantIntegers(value: TensorInfo | null | undefined, operator: string): number[] {
  if (!value?.constant) throw new TypeError(`Cannot infer ${operator}: its shape is not constant`);
  return Array.from(value.constant, Number);
}

const sameAsFirst: Rule = ([x]) => [{ type: x!.type, shape: x!.shape }];

const elementwise: Rule = ([a, b]) => {
  if (a!.type !== b!.type) throw new TypeError(`found types ${a!.type} and ${b!.type}`);
  return [{ type: a!.type, shape: broadcastShapes(a!.shape, b!.shape) }];
};

const comparison: Rule = (inputs, attributes) => [
  { ...elementwise(inputs, attributes)[0], type: "bool" },
];

const reduction: Rule = ([x, axes], attributes) => {
  const rank = x!.shape.length;
  const reduced = axes
    ? constantIntegers(axes, "reduction").map((axis) => axis < 0 ? axis + rank : axis)
    : x!.shape.map((_, axis) => axis);
  const shape = x!.shape.map((extent, axis) => reduced.includes(axis) ? 1 : extent);
  const keep = attributes.keepdims ?? 1;
  return [{
    type: x!.type,
    shape: keep ? shape : shape.filter((_, axis) => !reduced.includes(axis)),
  }];
};

const matmul = (transposeB: boolean): Rule => ([a, b]) => {
  const [k, n] = transposeB
    ? [b!.shape.at(-1)!, b!.shape.at(-2)!]
    : [b!.shape.at(-2)!, b!.shape.at(-1)!];
  if (a!.shape.at(-1) !== k) throw new RangeError(`found [${a!.shape}] times [${b!.shape}]`);
  const batch = broadcastShapes(a!.shape.slice(0, -2), b!.shape.slice(0, -2));
  return [{ type: a!.type, shape: [...batch, a!.shape.at(-2)!, n] }];
};

const convolution: Rule = ([x, w], attributes) => {
  const [batch, channels, ...size] = x!.shape;
  const [filters, perGroup, ...kernel] = w!.shape;
  const { strides, dilations, pads, group } = convolutionAttributes(attributes, size.length);
  if (kernel.length !== size.length || channels !== perGroup * group) {
    throw new RangeError(`found image [${x!.shape}], weight [${w!.shape}], group ${group}`);
  }
  const spatial = size.map((n, i) => {
    const covered = (kernel[i] - 1) * dilations[i] + 1;
    return Math.floor((n + pads[i] + pads[i + size.length] - covered) / strides[i]) + 1;
  });
  return [{ type: x!.type, shape: [batch, filters, ...spatial] }];
};

/** Returns the type and shape of an attention's output. */
function attended(q: TensorInfo, k: TensorInfo, v: TensorInfo): Inferred {
  const fits = [q, k, v].every(({ shape }) => shape.length === 4) &&
    sameShape(q.shape.toSpliced(2, 1), k.shape.toSpliced(2, 1)) &&
    sameShape(k.shape.slice(0, 3), v.shape.slice(0, 3));
  if (!fits) {
    throw new RangeError(`found queries [${q.shape}], keys [${k.shape}], values [${v.shape}]`);
  }
  return { type: q.type, shape: [...q.shape.slice(0, 3), v.shape[3]] };
}

const rules: Readonly<Record<OperatorName, Rule>> = {
  Add: elementwise,
  Sub: elementwise,
  Mul: elementwise,
  Div: elementwise,
  Max: elementwise,
  Min: elementwise,
  Neg: sameAsFirst,
  Abs: sameAsFirst,
  Exp: sameAsFirst,
  Erf: sameAsFirst,
  Log: sameAsFirst,
  Sqrt: sameAsFirst,
  Sigmoid: sameAsFirst,
  Identity: sameAsFirst,
  LeakyRelu: sameAsFirst,
  HardSigmoid: sameAsFirst,
  Softmax: sameAsFirst,
  LogSoftmax: sameAsFirst,
  Clip: sameAsFirst,
  Equal: comparison,
  Greater: comparison,
  Less: comparison,
  Not: sameAsFirst,
  Where: ([condition, a, b]) => [{
    type: a!.type,
    shape: broadcastShapes(condition!.shape, broadcastShapes(a!.shape, b!.shape)),
  }],
  Cast: ([x], { to }) => [{ type: to as DataType, shape: x!.shape }],
  ReduceSum: reduction,
  ReduceMax: reduction,
  ReduceMin: reduction,
  ReduceMean: reduction,
  ReduceSumSquare: reduction,
  ArgMax: (inputs, { axis, ...attributes }) => {
    const shape = inputs[0]!.shape.map((extent, i) => i === axis ? 1 : extent);
    const keep = attributes.keepdims ?? 1;
    return [{ type: "int64", shape: keep ? shape : shape.filter((_, i) => i !== axis) }];
  },
  TopK: ([x, count], { axis }) => {
    const [k] = constantIntegers(count, "TopK");
    const shape = x!.shape.map((extent, i) => i === axis ? k : extent);
    if (k > x!.shape[axis as number]) {
      throw new RangeError(`found an axis of ${x!.shape[axis as number]}, expected at least ${k}`);
    }
    return [{ type: x!.type, shape }, { type: "int64", shape }];
  },
  ScatterElements: sameAsFirst,
  MatMul: matmul(false),
  "com.microsoft:FusedMatMul": (inputs, attributes) =>
    matmul(attributes.transB === 1)(inputs, attributes),

  Reshape: ([x, target]) => {
    const shape = constantIntegers(target, "Reshape").map((extent, axis) =>
      extent === 0 ? x!.shape[axis] : extent
    );
    if (sizeOf(shape) !== sizeOf(x!.shape)) {
      throw new RangeError(`found [${x!.shape}], which does not fill [${shape}]`);
    }
    return [{ type: x!.type, shape }];
  },
  Transpose: ([x], { perm }) => [{
    type: x!.type,
    shape: (perm as readonly number[]).map((axis) => x!.shape[axis]),
  }],
  Expand: ([x, target]) => [{
    type: x!.type,
    shape: broadcastShapes(x!.shape, constantIntegers(target, "Expand")),
  }],
  Concat: (inputs, { axis }) => {
    const first = inputs[0]!;
    const others = (shape: Shape) => shape.filter((_, i) => i !== axis);
    for (const input of inputs) {
      if (!sameShape(others(input!.shape), others(first.shape))) {
        throw new RangeError(`found [${first.shape}] and [${input!.shape}] on axis ${axis}`);
      }
    }
    const total = inputs.reduce((sum, input) => sum + input!.shape[axis as number], 0);
    return [{ type: first.type, shape: first.shape.map((n, i) => i === axis ? total : n) }];
  },
  Split: ([x, sizes], { axis }) => {
    const parts = constantIntegers(sizes, "Split");
    const total = parts.reduce((a, b) => a + b, 0);
    if (total !== x!.shape[axis as number]) {
      throw new RangeError(`found parts of ${total} for an axis of ${x!.shape[axis as number]}`);
    }
    return parts.map((part) => ({
      type: x!.type,
      shape: x!.shape.map((n, i) => i === axis ? part : n),
    }));
  },
  Slice: ([x, starts, ends, axes, steps]) => {
    const shape = [...x!.shape];
    const [from, to, along, by] = [starts, ends, axes, steps].map((v) =>
      constantIntegers(v, "Slice")
    );
    along.forEach((axis, i) => {
      const extent = shape[axis];
      const clamp = (v: number, lo: number, hi: number) =>
        Math.min(hi, Math.max(lo, v < 0 ? v + extent : v));
      const forward = by[i] > 0;
      const start = forward ? clamp(from[i], 0, extent) : clamp(from[i], 0, extent - 1);
      // A backward slice ends at −1 (written as a very negative number) to include element 0.
      const end = forward ? clamp(to[i], 0, extent) : clamp(to[i], -1, extent - 1);
      shape[axis] = Math.max(0, Math.ceil((end - start) / by[i]));
    });
    return [{ type: x!.type, shape }];
  },
  Gather: ([x, indices], { axis }) => {
    const shape = [...x!.shape];
    shape.splice(axis as number, 1, ...indices!.shape);
    return [{ type: x!.type, shape }];
  },
  Pad: ([x, pads]) => {
    const amounts = constantIntegers(pads, "Pad");
    const rank = x!.shape.length;
    return [{ type: x!.type, shape: x!.shape.map((n, i) => n + amounts[i] + amounts[i + rank]) }];
  },

  Conv: convolution,
  ConvTranspose: ([x, w], attributes) => {
    const [batch, channels, ...size] = x!.shape;
    const [inputs, perGroup, ...kernel] = w!.shape;
    const { strides, dilations, pads, outputPadding, group } = convolutionAttributes(
      attributes,
      size.length,
    );
    if (kernel.length !== size.length || channels !== inputs) {
      throw new RangeError(`found image [${x!.shape}], weight [${w!.shape}]`);
    }
    const spatial = size.map((n, i) =>
      (n - 1) * strides[i] + (kernel[i] - 1) * dilations[i] + 1 + outputPadding[i] -
      pads[i] - pads[i + size.length]
    );
    return [{ type: x!.type, shape: [batch, perGroup * group, ...spatial] }];
  },
  // Blocked channels (`lib/lowering/blocked/operators.ts`) have the shapes of plain channels.
  "com.microsoft.nchwc:Conv": convolution,
  "com.microsoft.nchwc:ReorderInput": sameAsFirst,
  "com.microsoft.nchwc:ReorderOutput": ([x], { channels }) => {
    const [batch, , ...size] = x!.shape;
    return [{ type: x!.type, shape: [batch, channels as number, ...size] }];
  },
  "com.microsoft.nchwc:GlobalAveragePool": ([x]) => {
    const [batch, channels] = x!.shape;
    return [{ type: x!.type, shape: [batch, channels, 1, 1] }];
  },
  AveragePool: ([x], { kernel_shape }) => {
    const [batch, channels, ...size] = x!.shape;
    const window = kernel_shape as Shape;
    if (window.length !== size.length) {
      throw new RangeError(`found image [${x!.shape}] and windows of [${window}]`);
    }
    const counts = size.map((n, i) => Math.floor(n / window[i]));
    return [{ type: x!.type, shape: [batch, channels, ...counts] }];
  },
  InstanceNormalization: sameAsFirst,
  LayerNormalization: ([x, scale, bias]) => {
    const expected = x!.shape.slice(-1);
    for (const { shape } of [scale!, bias!]) {
      if (!sameShape(shape, expected)) {
        throw new RangeError(`found [${x!.shape}] and parameters of [${shape}]`);
      }
    }
    return [{ type: x!.type, shape: x!.shape }];
  },
  BatchNormalization: ([x, scale], { training_mode }) => {
    const whole = { type: x!.type, shape: x!.shape };
    const perChannel = { type: x!.type, shape: scale!.shape };
    return training_mode ? [whole, perChannel, perChannel] : [whole];
  },

  "nnunet:Attention": ([q, k, v]) => [attended(q!, k!, v!)],
  "nnunet:AttentionGradient": ([q, k, v]) => {
    attended(q!, k!, v!);
    return [q!, k!, v!].map(({ type, shape }) => ({ type, shape }));
  },

  // Derivatives that `lib/lowering` expresses in ONNX's operators; see `derivatives.ts`.
  "nnunet:ConvInputGradient": ([dy], { shape }) => [{
    type: dy!.type,
    shape: shape as Shape,
  }],
  "nnunet:ConvWeightGradient": ([x], { shape }) => [{ type: x!.type, shape: shape as Shape }],
  "nnunet:InstanceNormalizationGradient": ([x, scale]) => [
    { type: x!.type, shape: x!.shape },
    { type: scale!.type, shape: scale!.shape },
    { type: scale!.type, shape: scale!.shape },
  ],
  "nnunet:BatchNormalizationGradient": ([x, scale]) => [
    { type: x!.type, shape: x!.shape },
    { type: scale!.type, shape: scale!.shape },
    { type: scale!.type, shape: scale!.shape },
  ],
  "nnunet:LeakyReluGradient": sameAsFirst,
};

/** Whether graphs may contain an operator of this name. */
export function isOperatorName(name: string): name is OperatorName {
  return Object.hasOwn(rules, name);
}

/**
 * Infers the types and shapes of an operator's outputs.
 *
 * @param operator The operator's name.
 * @param inputs The operator's inputs; `null` if an optional input is left out.
 * @param attributes The operator's attributes.
 * @throws {TypeError | RangeError} If the operator is not in the table or its inputs do not match;
 * the message names the operator.
 */
export function inferOutputs(
  operator: OperatorName,
  inputs: readonly (TensorInfo | null)[],
  attributes: Attributes,
): Inferred[] {
  // The compiler does not see every caller: notebooks are not type-checked.
  if (!isOperatorName(operator)) {
    throw new TypeError(`Cannot infer the shape of operator "${operator}": not in the table`);
  }
  try {
    return rules[operator](inputs, attributes);
  } catch (cause) {
    const kind = cause instanceof RangeError ? RangeError : TypeError;
    throw new kind(`Cannot apply ${operator}: ${reasonOf(cause)}`, { cause });
  }
}

/**
 * Replaces operators that ONNX Runtime 1.30's WebGPU provider computes wrongly or rejects.
 *
 * The table is applied after all other lowerings, to all operators of their result. Without any one
 * of its rows, `provider_contract_test.ts` fails.
 */

import type { Attributes } from "../../graph/attributes.ts";
import type { Value } from "../../graph/graph.ts";
import * as o from "../../graph/operators.ts";
import type { LoweringTable } from "../lower.ts";

export const webgpuRepairs: LoweringTable = {
  Conv: ([x, w, bias], attributes) => [repairedConv(x, w, bias, attributes)],
  Slice: forwardFirst,
  Split: ([x, sizes], { axis }) => slices(x, Array.from(sizes.constant!, Number), axis as number),
};

/**
 * Convolves so that the provider's results are correct. They are wrong (1.30) if the number of
 * channels is a multiple of three, but neither three nor a multiple of four, so such images get
 * additional channels of zeros.
 */
function repairedConv(
  x: Value,
  w: Value,
  bias: Value | undefined,
  attributes: Attributes,
): Value {
  const channels = x.shape[1];
  const isWrong = channels > 3 && channels % 3 === 0 && channels % 4 !== 0 &&
    channels === w.shape[1];
  if (!isWrong) return o.conv(x, w, bias, attributes);
  const extra = x.shape.map((_, axis) => axis === 1 ? 4 - channels % 4 : 0);
  const none = extra.map(() => 0);
  return o.conv(o.pad(x, none, extra), o.pad(w, none, extra), bias, attributes);
}

/**
 * Slices backwards with a forward slice and a reversal of the whole axis: the provider reads the
 * wrong positions (1.30) if a backward slice does not begin at the axis's end.
 */
function forwardFirst([x, ...ranges]: readonly Value[]): Value[] {
  const [starts, ends, axes, steps] = ranges.map((range) => Array.from(range.constant!, Number));
  const [result] = x.graph.add("Slice", [x, ...ranges]); // For its shape; nothing reads it.
  if (steps.every((step) => step > 0)) return [result];
  const reversed: o.SliceRange[] = [];
  const forwards = axes.map((axis, i): o.SliceRange => {
    if (steps[i] > 0) return { axis, start: starts[i], end: ends[i], step: steps[i] };
    const extent = x.shape[axis];
    const count = result.shape[axis];
    const last = starts[i] < 0 ? starts[i] + extent : Math.min(starts[i], extent - 1);
    reversed.push({ axis, start: count - 1, step: -1 });
    return { axis, start: last + (count - 1) * steps[i], end: last + 1, step: -steps[i] };
  });
  return [o.slice(o.slice(x, forwards), reversed)];
}

/** Most outputs of one of the provider's kernels: GPUs bind eight buffers or slightly more. */
const MOST_OUTPUTS = 6;

/** Splits an axis, slice by slice if there are many parts. */
function slices(x: Value, parts: readonly number[], axis: number): Value[] {
  if (parts.length <= MOST_OUTPUTS) return o.split(x, parts, axis);
  let start = 0;
  return parts.map((part) => o.slice(x, [{ axis, start, end: start += part }]));
}

/** Interleaves the residues of strided axes on the CPU. */

import { sizeOf } from "../../array/nd_array.ts";
import type { Value } from "../../graph/graph.ts";
import * as o from "../../graph/operators.ts";
import type { Interleave } from "../convolution_gradients.ts";

/**
 * Interleaves arrays that each contain every stride-th position.
 *
 * Outer axes are interleaved by concatenation along a new axis, which copies whole rows. The
 * innermost axis would be copied element by element, so its parts are concatenated as segments of a
 * row, whose columns a permutation matrix then reorders.
 */
export const interleave: Interleave = (parts, strides, shape) => {
  const rank = strides.length;
  const padded = padToEqual(parts);
  let woven = weaveInnermost(padded, strides[rank - 1]);
  for (let axis = rank - 2; axis >= 0; axis--) woven = weaveOuter(woven, strides[axis], axis + 2);
  const [whole] = woven;
  const cuts = shape.flatMap((end, axis) =>
    whole.shape[axis] === end ? [] : [{ axis, start: 0, end }]
  );
  return cuts.length ? o.slice(whole, cuts) : whole;
};

/**
 * Pads the parts of later residues, which are shorter by one if the stride does not divide an axis.
 */
function padToEqual(parts: readonly Value[]): readonly Value[] {
  const { shape } = parts[0];
  return parts.map((part) =>
    o.pad(part, shape.map(() => 0), shape.map((n, axis) => n - part.shape[axis]))
  );
}

/** Interleaves groups of `stride` consecutive parts along the innermost axis. */
function weaveInnermost(parts: readonly Value[], stride: number): Value[] {
  if (stride === 1) return [...parts];
  return groups(parts, stride).map((group) => {
    const axis = group[0].shape.length - 1;
    return columnsWoven(o.concat(group, axis), stride);
  });
}

/**
 * Interleaves the segments of an innermost axis: column c of the result is entry ⌊c / stride⌋ of
 * segment c mod stride.
 *
 * @param segments (…, stride · extent), `stride` segments one after another.
 * @param stride Number of segments.
 */
export function columnsWoven(segments: Value, stride: number): Value {
  const width = segments.shape.at(-1)!;
  const rows = sizeOf(segments.shape) / width;
  const order = new Float32Array(width * width);
  for (let column = 0; column < width; column++) {
    const residue = column % stride;
    order[(residue * (width / stride) + Math.floor(column / stride)) * width + column] = 1;
  }
  const matrix = o.cast(segments.graph.constant("float32", [width, width], order), segments.type);
  return o.reshape(o.matmul(o.reshape(segments, [rows, width]), matrix), segments.shape);
}

function weaveOuter(parts: readonly Value[], stride: number, axis: number): Value[] {
  if (stride === 1) return [...parts];
  return groups(parts, stride).map((group) => {
    const { shape } = group[0];
    const apart = [...shape.slice(0, axis + 1), 1, ...shape.slice(axis + 1)];
    const woven = o.concat(group.map((part) => o.reshape(part, apart)), axis + 1);
    return o.reshape(woven, shape.map((n, i) => i === axis ? n * stride : n));
  });
}

function groups<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: list.length / size }, (_, i) => list.slice(i * size, (i + 1) * size));
}

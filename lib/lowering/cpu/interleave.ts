/** Weaving the residues of a strided axis back together. */

import { type Shape, sizeOf } from "../../array/nd_array.ts";
import type { Value } from "../../graph/graph.ts";
import * as o from "../../graph/operators.ts";

/**
 * Interleaves arrays that each hold every stride-th position.
 *
 * Outer axes are woven by concatenation along a new axis, which copies whole rows. The innermost
 * one would be copied element by element, so there two blocks are laid side by side and a 0/1
 * matrix puts their columns in order.
 *
 * @param parts One a residue, last axis fastest, each (n, c, …).
 * @param strides Residues per spatial axis.
 * @param shape Of the result, (n, c, …).
 */
export function interleave(parts: readonly Value[], strides: Shape, shape: Shape): Value {
  const rank = strides.length;
  const padded = padToEqual(parts);
  let woven = weaveInnermost(padded, strides[rank - 1]);
  for (let axis = rank - 2; axis >= 0; axis--) woven = weaveOuter(woven, strides[axis], axis + 2);
  const [whole] = woven;
  const cuts = shape.flatMap((end, axis) =>
    whole.shape[axis] === end ? [] : [{ axis, start: 0, end }]
  );
  return cuts.length ? o.slice(whole, cuts) : whole;
}

/** An axis that the stride does not divide leaves later residues one short. */
function padToEqual(parts: readonly Value[]): readonly Value[] {
  const { shape } = parts[0];
  return parts.map((part) =>
    o.pad(part, shape.map(() => 0), shape.map((n, axis) => n - part.shape[axis]))
  );
}

/** Groups of `stride` neighbours in the list, each woven along the innermost axis. */
function weaveInnermost(parts: readonly Value[], stride: number): Value[] {
  if (stride === 1) return [...parts];
  return groups(parts, stride).map((group) => {
    const axis = group[0].shape.length - 1;
    const blocks = o.concat(group, axis);
    return columnsWoven(blocks, stride);
  });
}

/** Turns an innermost axis of `stride` blocks into one where the blocks alternate. */
export function columnsWoven(blocks: Value, stride: number): Value {
  const width = blocks.shape.at(-1)!;
  const rows = sizeOf(blocks.shape) / width;
  const order = new Float32Array(width * width);
  for (let column = 0; column < width; column++) {
    const residue = column % stride;
    order[(residue * (width / stride) + Math.floor(column / stride)) * width + column] = 1;
  }
  const matrix = o.cast(blocks.graph.constant("float32", [width, width], order), blocks.type);
  return o.reshape(o.matmul(o.reshape(blocks, [rows, width]), matrix), blocks.shape);
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

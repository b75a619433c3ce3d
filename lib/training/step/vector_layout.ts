/**
 * Lays out parameters in the flat vectors of a training step: weights, gradients and the
 * optimiser's state.
 *
 * Outside a step, parameters are contiguous. Inside, a device may require each to start a row, with
 * zeros filling the end of the previous one. The zeros stay zeros, since their gradient is zero.
 */

import { sizeOf } from "../../array/nd_array.ts";
import type { Value } from "../../graph/graph.ts";
import { concat, pad, reshape, slice, split } from "../../graph/operators.ts";
import {
  countParameters,
  type ParameterSource,
  type ParameterSpec,
  trainedOf,
} from "../../network/network.ts";

/** Positions of all parameters in a flat vector. */
export interface VectorLayout {
  readonly parameters: readonly ParameterSpec[];
  /** Number of elements per parameter, including the zeros after it. */
  readonly extents: readonly number[];
  /** Length of the vector. */
  readonly size: number;
}

/** Creates a layout in which every parameter starts at a multiple of `row` elements. */
export function layoutOf(parameters: readonly ParameterSpec[], row: number): VectorLayout {
  return partOf(parameters, parameters.map(({ shape }) => Math.ceil(sizeOf(shape) / row) * row));
}

/** Returns the layout of the optimiser's vectors, in which buffers have no part. */
export function trainedLayout({ parameters, extents }: VectorLayout): VectorLayout {
  const trained = trainedOf(parameters);
  return partOf(trained, extents.slice(0, trained.length)); // Buffers come last.
}

/** Returns the layout of the buffers, which follow the trained parameters. */
export function bufferLayout({ parameters, extents }: VectorLayout): VectorLayout {
  const first = trainedOf(parameters).length;
  return partOf(parameters.slice(first), extents.slice(first));
}

function partOf(parameters: readonly ParameterSpec[], extents: readonly number[]): VectorLayout {
  return { parameters, extents, size: extents.reduce((sum, extent) => sum + extent, 0) };
}

/** Returns a source of parameters that are parts of a vector in a graph. */
export function parametersIn(
  vector: Value,
  { parameters, extents }: VectorLayout,
): ParameterSource {
  const parts = split(vector, extents, 0);
  const byName = new Map(parameters.map(({ name, shape }, i) => {
    const size = sizeOf(shape);
    const whole = size === extents[i]
      ? parts[i]
      : slice(parts[i], [{ axis: 0, start: 0, end: size }]);
    return [name, reshape(whole, shape)];
  }));
  return (name) => byName.get(name)!;
}

/** Number of gradients, about those of a layer, that are concatenated before the whole. */
const GROUP = 4;

/**
 * Concatenates all gradients into one vector.
 *
 * Gradients are computed from the last layer to the first, and each should be used immediately,
 * since until then its layer's input stays in memory. They are therefore concatenated in small
 * groups, the last group first.
 *
 * @param all One gradient per parameter.
 */
export function endToEnd(all: readonly Value[], { extents }: VectorLayout): Value {
  const rows = all.map((dy, i) => {
    const flat = reshape(dy, [-1]);
    return pad(flat, [0], [extents[i] - flat.shape[0]]);
  });
  const groups: Value[] = [];
  for (let end = rows.length; end > 0; end -= GROUP) {
    groups.unshift(concat(rows.slice(Math.max(0, end - GROUP), end), 0));
  }
  return concat(groups, 0);
}

/**
 * Arranges one or more consecutive vectors of contiguous parameters in a layout. Values after the
 * last whole vector are copied unchanged.
 */
export function laidOut(
  vectors: Float32Array<ArrayBuffer>,
  layout: VectorLayout,
): Float32Array<ArrayBuffer> {
  return moved(vectors, countParameters(layout.parameters), layout, true);
}

/** The inverse of {@link laidOut}. */
export function broughtTogether(
  vectors: Float32Array<ArrayBuffer>,
  layout: VectorLayout,
): Float32Array<ArrayBuffer> {
  return moved(vectors, layout.size, layout, false);
}

/** @param size Length of one vector in `vectors`. */
function moved(
  vectors: Float32Array<ArrayBuffer>,
  size: number,
  layout: VectorLayout,
  isOutward: boolean,
): Float32Array<ArrayBuffer> {
  const count = countParameters(layout.parameters);
  if (count === layout.size) return vectors;
  const repeats = Math.floor(vectors.length / size);
  const behind = vectors.subarray(repeats * size);
  const result = new Float32Array(repeats * (isOutward ? layout.size : count) + behind.length);
  let from = 0;
  let to = 0;
  for (let i = 0; i < repeats; i++) {
    layout.parameters.forEach(({ shape }, p) => {
      const own = sizeOf(shape);
      result.set(vectors.subarray(from, from + own), to);
      from += isOutward ? own : layout.extents[p];
      to += isOutward ? layout.extents[p] : own;
    });
  }
  result.set(behind, to);
  return result;
}

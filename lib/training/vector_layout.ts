/**
 * Where parameters lie in the vectors of a training step: weights, gradients, and what an optimiser
 * keeps beside them.
 *
 * Outside a step they lie end to end. Inside, a device may want each to begin at the beginning of a
 * row; zeros fill up the row before. Zeros stay zeros: their gradient is none.
 */

import { sizeOf } from "../array/nd_array.ts";
import type { Value } from "../graph/graph.ts";
import { concat, pad, reshape, slice, split } from "../graph/operators.ts";
import { countParameters, type ParameterSource, type ParameterSpec } from "../network/network.ts";

/** A vector of all parameters, by where each lies. */
export interface VectorLayout {
  readonly parameters: readonly ParameterSpec[];
  /** Elements that each parameter takes, its own and zeros behind. */
  readonly extents: readonly number[];
  /** Elements of the vector. */
  readonly size: number;
}

/** A layout in which every parameter begins at a multiple of `row` elements. */
export function layoutOf(parameters: readonly ParameterSpec[], row: number): VectorLayout {
  const extents = parameters.map(({ shape }) => Math.ceil(sizeOf(shape) / row) * row);
  return { parameters, extents, size: extents.reduce((sum, extent) => sum + extent, 0) };
}

/** Serves parameters as parts of a vector in a graph. */
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

/** Gradients that are put together before all are: about those of a layer. */
const GROUP = 4;

/**
 * All gradients as one vector.
 *
 * They are known from the last layer's to the first's, and each should be taken as soon as it is,
 * since it holds on to what its layer was given. So some at a time are put together, the last ones
 * first.
 *
 * @param all One a parameter.
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
 * Vectors of parameters that lie end to end, one after another, in a layout; what comes behind them
 * stays as it is.
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

/** @param size Elements that all parameters take in `vectors`. */
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

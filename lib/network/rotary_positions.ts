/**
 * Rotates queries and keys by angles that depend on their positions, so that their products depend
 * on the distance between two tokens.
 *
 * @see Su et al. 2021, RoFormer
 * @see timm's layers/pos_embed_sincos.py `RotaryEmbeddingCat` with `in_pixels=False`
 */

import { type Shape, sizeOf } from "../array/nd_array.ts";
import type { Graph, Value } from "../graph/graph.ts";
import { add, matmul, mul } from "../graph/operators.ts";

/** The base of the frequencies. */
const TEMPERATURE = 10_000;

/** Rotates vectors, (n, heads, tokens, features per head). */
export type Rotation = (x: Value) => Value;

/**
 * Returns the rotation of the tokens of a grid.
 *
 * Pairs of adjacent features turn by position · frequency. The pairs are divided among the axes,
 * and each axis has the same frequencies, which decrease from 1 towards 1 / 10000.
 *
 * @param graph The graph that the vectors belong to.
 * @param grid Number of tokens per axis.
 * @param features Number of features per head, a multiple of twice the number of axes.
 * @returns The rotation.
 *
 * @example Queries of a 2×2×3 grid
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, rotaryPositions } from "nnunet/parts";
 *
 * const graph = new Graph();
 * const q = graph.input("q", "float32", [2, 4, 12, 6]);
 * assert.deepEqual(rotaryPositions(graph, [2, 2, 3], 6)(q).shape, [2, 4, 12, 6]);
 * ```
 */
export function rotaryPositions(graph: Graph, grid: Shape, features: number): Rotation {
  const bands = features / 2 / grid.length;
  const tokens = sizeOf(grid);
  const cosines = new Float32Array(tokens * features);
  const sines = new Float32Array(tokens * features);
  for (let token = 0; token < tokens; token++) {
    let rest = token;
    for (let axis = grid.length - 1; axis >= 0; axis--) {
      const position = rest % grid[axis];
      rest = Math.floor(rest / grid[axis]);
      for (let band = 0; band < bands; band++) {
        // Frequencies and angles are float32, as PyTorch computes them.
        const frequency = Math.fround(1 / Math.fround(TEMPERATURE ** Math.fround(band / bands)));
        const angle = Math.fround(position * frequency);
        const at = token * features + 2 * (axis * bands + band);
        cosines.fill(Math.cos(angle), at, at + 2);
        sines.fill(Math.sin(angle), at, at + 2);
      }
    }
  }
  const cosine = graph.constant("float32", [tokens, features], cosines);
  const sine = graph.constant("float32", [tokens, features], sines);
  // (a, b) → (−b, a) for each pair: a small product is faster than moving single elements.
  const quarterTurn = new Float32Array(features * features);
  for (let i = 0; i < features; i += 2) {
    quarterTurn[(i + 1) * features + i] = -1;
    quarterTurn[i * features + i + 1] = 1;
  }
  const turn = graph.constant("float32", [features, features], quarterTurn);
  return (x) => add(mul(x, cosine), mul(matmul(x, turn), sine));
}

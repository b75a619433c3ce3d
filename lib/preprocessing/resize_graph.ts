/** Builds the ONNX graph that resizes a slab of planes: one matrix product per axis. */

import type { Zyx } from "../array/nd_array.ts";
import { type BandMatrix, windowOf } from "../array/resize_matrix.ts";
import { Graph, type Value } from "../graph/graph.ts";
import {
  concat,
  matmul,
  max,
  min,
  reduceMax,
  reduceMin,
  reshape,
  slice,
  transpose,
} from "../graph/operators.ts";

/** How a slab is resized. An axis without a matrix keeps its size. */
export interface SlabResizing {
  /** Planes, rows and columns of the slab before resizing. */
  readonly shape: Zyx;
  /** Planes after resizing, if planes are blended; the weights are then an input of the graph. */
  readonly planes?: number;
  readonly y?: BandMatrix;
  readonly x?: BandMatrix;
  /**
   * Shape of the lower and upper limits, along each axis 1 or the slab's size after resizing; or
   * "planes" if each plane is clipped to its own range. Values are not clipped if it is absent.
   */
  readonly limits?: Zyx | "planes";
}

/**
 * Rows of a band matrix multiplied at once. Each tile uses only the columns that its band touches;
 * 64 rows were faster than 32 or 96 and up to three times faster than the whole matrix.
 */
const TILE = 64;

/**
 * Builds a graph with the inputs `slab` (`shape`), `z` (`planes` × `shape[0]`, with `planes`),
 * `low` and `high` (with the shape of `limits`), and the output `resized`.
 *
 * No axis is transposed: z is `A · [z, yx]`, y broadcasts `A` over z, x is `[zy, x] · Aᵀ`.
 */
export function resizeGraph({ shape, planes, y, x, limits }: SlabResizing): Graph {
  const graph = new Graph();
  const original = graph.input("slab", "float32", shape);
  let slab = original;
  if (planes !== undefined) {
    const weights = graph.input("z", "float32", [planes, shape[0]]);
    const lines = reshape(slab, [shape[0], shape[1] * shape[2]]);
    slab = reshape(matmul(weights, lines), [planes, shape[1], shape[2]]);
  }
  if (y) slab = concat(tilesOf(y).map((rows) => multiplyRows(slab, y, rows)), 1);
  if (x) {
    const [depth, height, width] = slab.shape;
    const lines = reshape(slab, [depth * height, width]);
    const parts = tilesOf(x).map((rows) => multiplyColumns(lines, x, rows));
    slab = reshape(concat(parts, 1), [depth, height, x.rows]);
  }
  if (limits === undefined) {
    graph.output("resized", slab);
    return graph;
  }
  // The range of a slab in the cache costs nothing, unlike another pass over the volume.
  const low = limits === "planes"
    ? reduceMin(original, [1, 2], true)
    : graph.input("low", "float32", limits);
  const high = limits === "planes"
    ? reduceMax(original, [1, 2], true)
    : graph.input("high", "float32", limits);
  graph.output("resized", min(max(slab, low), high));
  return graph;
}

type Range = readonly [begin: number, end: number];

/** `A · slab` for some rows of A. */
function multiplyRows(slab: Value, matrix: BandMatrix, [begin, end]: Range) {
  const { first, columns, weights } = windowOf(matrix, begin, end);
  const a = slab.graph.constant("float32", [end - begin, columns], weights);
  return matmul(a, columnsOf(slab, first, columns));
}

/** `lines · Aᵀ` for some rows of A. */
function multiplyColumns(lines: Value, matrix: BandMatrix, [begin, end]: Range) {
  const { first, columns, weights } = windowOf(matrix, begin, end);
  const a = lines.graph.constant("float32", [end - begin, columns], weights);
  // ONNX Runtime transposes the constant only once, when it loads the model.
  return matmul(columnsOf(lines, first, columns), transpose(a, [1, 0]));
}

/** A range of axis 1. */
function columnsOf(value: Value, first: number, count: number) {
  if (count === value.shape[1]) return value;
  return slice(value, [{ axis: 1, start: first, end: first + count }]);
}

/** Splits all rows of a matrix into tiles of about equal size. */
function tilesOf({ rows }: BandMatrix): Range[] {
  const count = Math.ceil(rows / TILE);
  const edge = (tile: number) => Math.round(tile * rows / count);
  return Array.from({ length: count }, (_, tile) => [edge(tile), edge(tile + 1)]);
}

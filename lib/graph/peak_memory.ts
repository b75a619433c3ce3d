/** How much memory a graph's run takes. */

import type { Graph } from "./graph.ts";
import { bytesOf, livenessOf, neededNodes } from "./liveness.ts";

/** What a run needs at the least. */
export interface PeakMemory {
  /** Bytes of all values that are needed at the same time, at the worst moment. */
  readonly bytes: number;
  /** Bytes of the largest value. */
  readonly largest: number;
}

/**
 * Memory of a graph whose nodes run in order, every value freed after its last use: inputs,
 * constants, results and all in between. What an operator needs while it runs is not in it, nor what
 * an allocator keeps.
 */
export function peakMemory(graph: Graph): PeakMemory {
  const results = [...graph.outputs.values()];
  const nodes = neededNodes(graph.nodes, results);
  const read = new Set([...results, ...nodes.flatMap(({ inputs }) => inputs)]);
  // Inputs and constants are there from the beginning to the end.
  const always = [...graph.inputs, ...graph.constants.filter((value) => read.has(value))]
    .reduce((sum, value) => sum + bytesOf(value), 0);
  const { bytes } = livenessOf(nodes, results);
  const sizes = nodes.flatMap(({ outputs }) => outputs.map(bytesOf));
  return {
    bytes: always + bytes.reduce((most, n) => Math.max(most, n), 0),
    largest: sizes.reduce((most, n) => Math.max(most, n), 0),
  };
}

/** How much memory a graph's run takes. */

import type { Graph } from "./graph.ts";
import { bytesOf, livenessOf, neededNodes } from "./liveness.ts";

/** The least memory that one run of a graph needs. */
export interface MemoryNeeds {
  /** Bytes of all values that are in memory at the same time, at the worst moment. */
  readonly bytes: number;
  /** Bytes of the largest value. */
  readonly largestTensorBytes: number;
}

/**
 * Measures the memory of a graph whose nodes run in order, every value freed after its last use.
 *
 * Inputs, constants, results and all values in between count. What an operator needs while it runs
 * does not, nor what an allocator keeps.
 */
export function peakMemory(graph: Graph): MemoryNeeds {
  const results = [...graph.outputs.values()];
  const nodes = neededNodes(graph.nodes, results);
  const read = new Set([...results, ...nodes.flatMap(({ inputs }) => inputs)]);
  // Inputs and constants are in memory from the beginning to the end.
  const always = [...graph.inputs, ...graph.constants.filter((value) => read.has(value))]
    .reduce((sum, value) => sum + bytesOf(value), 0);
  const { bytes } = livenessOf(nodes, results);
  const sizes = nodes.flatMap(({ outputs }) => outputs.map(bytesOf));
  return {
    bytes: always + bytes.reduce((most, n) => Math.max(most, n), 0),
    largestTensorBytes: sizes.reduce((most, n) => Math.max(most, n), 0),
  };
}

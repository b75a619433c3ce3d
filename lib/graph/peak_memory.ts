/** Measures how much memory a graph's run takes. */

import type { Graph } from "./graph.ts";
import { bytesOf, livenessOf, neededNodes } from "./liveness.ts";

/** The least memory that one run of a graph needs. */
export interface MemoryNeeds {
  /** Peak bytes of all values that are in memory at the same time. */
  readonly bytes: number;
  /** Bytes of the largest value. */
  readonly largestTensorBytes: number;
}

/**
 * Measures the memory of a graph whose nodes run in order, if every value is freed after its last
 * use.
 *
 * Inputs, constants, intermediate values and results count; operators' scratch memory and memory
 * that an allocator keeps do not.
 */
export function peakMemory(graph: Graph): MemoryNeeds {
  const results = [...graph.outputs.values()];
  const nodes = neededNodes(graph.nodes, results);
  const read = new Set([...results, ...nodes.flatMap(({ inputs }) => inputs)]);
  // Inputs and constants are in memory throughout the run.
  const always = [...graph.inputs, ...graph.constants.filter((value) => read.has(value))]
    .reduce((sum, value) => sum + bytesOf(value), 0);
  const { bytes } = livenessOf(nodes, results);
  const sizes = nodes.flatMap(({ outputs }) => outputs.map(bytesOf));
  return {
    bytes: always + bytes.reduce((most, n) => Math.max(most, n), 0),
    largestTensorBytes: sizes.reduce((most, n) => Math.max(most, n), 0),
  };
}

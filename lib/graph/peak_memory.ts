/** How much memory a graph's run takes. */

import { sizeOf } from "../array/nd_array.ts";
import type { DataType, Graph, Value } from "./graph.ts";

const bytesPerElement: Readonly<Record<DataType, number>> = {
  float32: 4,
  float16: 2,
  int64: 8,
  int32: 4,
  uint8: 1,
  bool: 1,
};

/** What a run needs at the least. */
export interface PeakMemory {
  /** Bytes of all values that are needed at the same time, at the worst moment. */
  readonly bytes: number;
  /** Bytes of the largest value. */
  readonly largest: number;
}

/** Operators whose output is their input's memory under another shape. */
const views = new Set(["Reshape", "Identity"]);

/**
 * Memory of a graph whose nodes run in order, every value freed after its last use: inputs,
 * constants, results and all in between. What an operator needs while it runs is not in it, nor what
 * an allocator keeps.
 */
export function peakMemory(graph: Graph): PeakMemory {
  const owner = new Map<Value, Value>();
  const ownerOf = (value: Value): Value => owner.get(value) ?? value;
  const needed = new Set<Value>(graph.outputs.values());
  const lastUse = new Map<Value, number>();
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const { inputs, outputs } = graph.nodes[i];
    if (!outputs.some((output) => needed.has(output))) continue;
    for (const input of inputs) if (input) needed.add(input);
  }
  const nodes = graph.nodes.filter(({ outputs }) => outputs.some((output) => needed.has(output)));
  nodes.forEach(({ operator, inputs, outputs }, i) => {
    if (views.has(operator)) owner.set(outputs[0], ownerOf(inputs[0]!));
    for (const input of inputs) if (input) lastUse.set(ownerOf(input), i);
  });
  for (const output of graph.outputs.values()) lastUse.set(ownerOf(output), Infinity);

  const bytesOf = ({ type, shape }: Value) => bytesPerElement[type] * sizeOf(shape);
  // Inputs and constants are there from the beginning to the end.
  let bytes = [...graph.inputs, ...graph.constants.filter((value) => needed.has(value))]
    .reduce((sum, value) => sum + bytesOf(value), 0);
  let peak = bytes;
  let largest = 0;
  nodes.forEach(({ operator, inputs, outputs }, i) => {
    for (const output of outputs) {
      largest = Math.max(largest, bytesOf(output));
      if (!views.has(operator)) bytes += bytesOf(output);
    }
    peak = Math.max(peak, bytes);
    for (const value of new Set([...inputs, ...outputs].flatMap((v) => v ? [ownerOf(v)] : []))) {
      const isOurs = graph.producerOf(value) !== undefined;
      if (isOurs && (lastUse.get(value) ?? i) === i) bytes -= bytesOf(value);
    }
  });
  return { bytes: peak, largest };
}

/** Finds when a graph's values are in memory, if its nodes run in order. */

import { bytesPerElement } from "../array/data_type.ts";
import { sizeOf } from "../array/nd_array.ts";
import type { Node, Value } from "./graph.ts";
import type { OperatorName } from "./operator_name.ts";

/** Operators whose output shares their input's memory. */
const views = new Set<OperatorName>(["Reshape", "Identity"]);

/** Whether a node's output shares its input's memory. */
export function isView({ operator }: Node): boolean {
  return views.has(operator);
}

/** Returns a value's size in bytes. */
export function bytesOf({ type, shape }: Value): number {
  return bytesPerElement[type] * sizeOf(shape);
}

/** When the memory of nodes' outputs is needed. Times are indices of nodes. */
export interface Liveness {
  /** Returns the value whose memory a view shares; for other values, the value itself. */
  ownerOf(value: Value): Value;
  /** The node that computes each value that is not a view. */
  readonly made: ReadonlyMap<Value, number>;
  /** Returns the last node that reads a value or a view of it; Infinity for a result. */
  lastUse(value: Value): number;
  /** For each node, the bytes of all nodes' outputs in memory while it runs. */
  readonly bytes: readonly number[];
}

/** Returns the nodes that some result depends on, in order. */
export function neededNodes(nodes: readonly Node[], results: Iterable<Value>): Node[] {
  const needed = new Set<Value>(results);
  const found: Node[] = [];
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some((output) => needed.has(output))) continue;
    for (const input of node.inputs) if (input) needed.add(input);
    found.push(node);
  }
  return found.reverse();
}

/**
 * Finds when values are in memory, if each is freed after its last use.
 *
 * @param nodes The nodes that run, in order.
 * @param results Values that are kept until the end.
 */
export function livenessOf(nodes: readonly Node[], results: Iterable<Value>): Liveness {
  const owners = new Map<Value, Value>();
  const ownerOf = (value: Value): Value => owners.get(value) ?? value;
  const made = new Map<Value, number>();
  const last = new Map<Value, number>();
  nodes.forEach((node, i) => {
    if (isView(node)) owners.set(node.outputs[0], ownerOf(node.inputs[0]!));
    else for (const output of node.outputs) made.set(output, i);
    for (const value of [...node.inputs, ...node.outputs]) if (value) last.set(ownerOf(value), i);
  });
  for (const result of results) last.set(ownerOf(result), Infinity);

  const freed = nodes.map(() => 0);
  for (const value of made.keys()) {
    const i = last.get(value)!;
    if (i < nodes.length) freed[i] += bytesOf(value);
  }
  let now = 0;
  const bytes = nodes.map((node, i) => {
    if (!isView(node)) { for (const output of node.outputs) now += bytesOf(output); }
    const during = now;
    now -= freed[i];
    return during;
  });
  return { ownerOf, made, lastUse: (value) => last.get(ownerOf(value)) ?? -1, bytes };
}

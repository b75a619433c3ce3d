/**
 * Recomputes values instead of keeping them.
 *
 * A training step keeps values of the forward pass until the backward pass needs them. Some of them
 * take only one cheap pass over another value that is kept as well: the output of a normalisation
 * and its nonlinearity, over the centred image; a parameter, over the vector of all parameters.
 * These are freed and recomputed just before they are needed.
 */

import { Graph, type Node, type Value } from "../graph/graph.ts";
import type { Pieces } from "../runtime/in_pieces.ts";
import { bytesOf, isView, type Liveness, livenessOf, neededNodes } from "../graph/liveness.ts";

/** Values smaller than this fraction of the peak are kept. */
const WORTHWHILE = 1 / 200;
/** Inputs smaller than this fraction of a value may be kept to recompute it. */
const NEGLIGIBLE = 1 / 500;

/**
 * Rewrites a graph so that values are recomputed as long as that lowers its peak memory. The two
 * nodes of such a value are equal, and ONNX Runtime must not merge them (`mergeEqual: false`).
 * Pauses after each peak.
 */
export function* recomputeAtPeak(graph: Graph): Pieces<Graph> {
  const results = [...graph.outputs.values()];
  let nodes = neededNodes(graph.nodes, results);
  while (true) {
    const liveness = livenessOf(nodes, results);
    const worst = liveness.bytes.reduce((most, n, i, all) => n > all[most] ? i : most, 0);
    const chosen = valuesToRecompute(nodes, worst, liveness);
    if (chosen.size === 0) return graphOf(nodes, graph);
    nodes = recomputed(nodes, worst, chosen, liveness);
    yield;
  }
}

/**
 * Returns the values in memory at the peak that can be recomputed afterwards, with the nodes that
 * compute them. None is computed from another one.
 */
function valuesToRecompute(
  nodes: readonly Node[],
  worst: number,
  liveness: Liveness,
): Map<Value, Node> {
  const { bytes, lastUse, ownerOf } = liveness;
  const chosen = new Map<Value, Node>();
  const read = new Set<Value>();
  const nextUse = firstUses(nodes, worst, ownerOf);
  for (const producer of nodes.slice(0, worst)) {
    const [value] = producer.outputs;
    if (!isCheap(producer) || bytesOf(value) < bytes[worst] * WORTHWHILE) continue;
    // Results are kept.
    if (lastUse(value) <= worst || lastUse(value) === Infinity) continue;
    const next = nextUse.get(value)!;
    const owners = producer.inputs.flatMap((input) => input ? [ownerOf(input)] : []);
    const isReady = owners.every((owner) => isAvailable(owner, next, value, liveness));
    if (next === worst || !isReady) continue;
    if (read.has(value) || owners.some((owner) => chosen.has(owner))) continue;
    chosen.set(value, producer);
    for (const owner of owners) read.add(owner);
  }
  return chosen;
}

/** Returns the first node from `begin` on that reads each value or a view of it. */
function firstUses(
  nodes: readonly Node[],
  begin: number,
  ownerOf: Liveness["ownerOf"],
): Map<Value, number> {
  const uses = new Map<Value, number>();
  for (let i = begin; i < nodes.length; i++) {
    for (const input of nodes[i].inputs) {
      if (input && !uses.has(ownerOf(input))) uses.set(ownerOf(input), i);
    }
  }
  return uses;
}

/** Whether a node is one pass over memory, with one output. */
function isCheap({ operator, inputs, attributes }: Node): boolean {
  if (operator === "Slice") return true;
  if (operator !== "com.microsoft.nchwc:Conv") return false;
  const [filters, ...rest] = inputs[1]!.shape;
  return attributes.group === filters && rest.every((extent) => extent === 1);
}

/** Whether an input of a value is in memory at a node, or small enough to be kept until then. */
function isAvailable(owner: Value, at: number, value: Value, { made, lastUse }: Liveness): boolean {
  return !made.has(owner) || lastUse(owner) >= at ||
    bytesOf(owner) < bytesOf(value) * NEGLIGIBLE;
}

/** Returns the nodes, with the chosen values recomputed before their first use after the peak. */
function recomputed(
  nodes: readonly Node[],
  worst: number,
  chosen: ReadonlyMap<Value, Node>,
  { ownerOf }: Liveness,
): Node[] {
  const result = nodes.slice(0, worst + 1);
  // The chosen values and all views of them, with the nodes that compute them.
  const old = new Map(chosen);
  for (const node of result) {
    if (isView(node) && chosen.has(ownerOf(node.outputs[0]))) old.set(node.outputs[0], node);
  }
  const second = new Map<Value, Value>();
  const secondOf = (value: Value): Value => {
    const found = second.get(value);
    if (found) return found;
    const node = old.get(value)!;
    const inputs = chosen.has(value)
      ? node.inputs
      : [secondOf(node.inputs[0]!), ...node.inputs.slice(1)];
    const output = { ...value };
    result.push({ ...node, inputs, outputs: [output] });
    second.set(value, output);
    return output;
  };
  for (const node of nodes.slice(worst + 1)) {
    const inputs = node.inputs.map((input) => input && old.has(input) ? secondOf(input) : input);
    result.push({ ...node, inputs });
  }
  return result;
}

/** Builds a graph of these nodes with another graph's inputs, constants and results. */
function graphOf(nodes: readonly Node[], { prefix, inputs, constants, outputs }: Graph): Graph {
  const graph = new Graph(`${prefix}r`);
  const image = new Map<Value, Value>();
  for (const input of inputs) image.set(input, graph.input(input.name, input.type, input.shape));
  for (const value of constants) image.set(value, graph.adopt(value));
  for (const { operator, inputs, outputs, attributes, origin } of nodes) {
    graph.origin = origin;
    const made = graph.add(operator, inputs.map((input) => input && image.get(input)!), attributes);
    outputs.forEach((output, i) => image.set(output, made[i]));
  }
  for (const [name, value] of outputs) graph.output(name, image.get(value)!);
  return graph;
}

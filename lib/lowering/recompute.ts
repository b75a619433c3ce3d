/**
 * Computing again instead of keeping.
 *
 * A training step keeps what the forward pass made until the backward pass needs it. Some of that is
 * made in one cheap pass over something that is kept as well: what a normalisation and its
 * nonlinearity give, of the centred image; a parameter, of the vector of all. Those are forgotten
 * and made again just before they are needed.
 */

import { Graph, type Node, type Value } from "../graph/graph.ts";
import { bytesOf, isView, type Liveness, livenessOf, neededNodes } from "../graph/liveness.ts";

/** Values smaller than this part of the peak are kept. */
const WORTHWHILE = 1 / 200;
/** Inputs smaller than this part of a value may be kept for it. */
const NEGLIGIBLE = 1 / 500;

/**
 * The same graph with values computed twice where that lowers the memory of its worst moment, as
 * long as there are any. Such nodes are alike: whoever runs the graph must not merge them.
 */
export function recomputeAtPeak(graph: Graph): Graph {
  const results = [...graph.outputs.values()];
  let nodes = neededNodes(graph.nodes, results);
  while (true) {
    const liveness = livenessOf(nodes, results);
    const worst = liveness.bytes.reduce((most, n, i, all) => n > all[most] ? i : most, 0);
    const chosen = valuesToRecompute(nodes, worst, liveness);
    if (chosen.size === 0) return graphOf(nodes, graph);
    nodes = recomputed(nodes, worst, chosen, liveness);
  }
}

/**
 * Values that are there at the worst moment, though they could be made afterwards, and the nodes
 * that make them. None is made of another one.
 */
function valuesToRecompute(
  nodes: readonly Node[],
  worst: number,
  liveness: Liveness,
): Map<Value, Node> {
  const { bytes, lastUse, ownerOf } = liveness;
  const chosen = new Map<Value, Node>();
  const read = new Set<Value>();
  for (const producer of nodes.slice(0, worst)) {
    const [value] = producer.outputs;
    if (!isCheap(producer) || bytesOf(value) < bytes[worst] * WORTHWHILE) continue;
    // A result is to be kept.
    if (lastUse(value) <= worst || lastUse(value) === Infinity) continue;
    const next = nodes.findIndex(({ inputs }, i) =>
      i >= worst && inputs.some((input) => input && ownerOf(input) === value)
    );
    const owners = producer.inputs.flatMap((input) => input ? [ownerOf(input)] : []);
    const isReady = owners.every((owner) => isThere(owner, next, value, liveness));
    if (next === worst || !isReady) continue;
    if (read.has(value) || owners.some((owner) => chosen.has(owner))) continue;
    chosen.set(value, producer);
    for (const owner of owners) read.add(owner);
  }
  return chosen;
}

/** Whether a node is one pass over memory, with one output. */
function isCheap({ operator, inputs, attributes }: Node): boolean {
  if (operator === "Slice") return true;
  if (operator !== "com.microsoft.nchwc:Conv") return false;
  const [filters, ...rest] = inputs[1]!.shape;
  return attributes.group === filters && rest.every((extent) => extent === 1);
}

/** Whether what a value is made of is still there at a node, or as good as nothing. */
function isThere(owner: Value, at: number, value: Value, { made, lastUse }: Liveness): boolean {
  return !made.has(owner) || lastUse(owner) >= at ||
    bytesOf(owner) < bytesOf(value) * NEGLIGIBLE;
}

/** The nodes with the chosen values made a second time for the first that needs them afterwards. */
function recomputed(
  nodes: readonly Node[],
  worst: number,
  chosen: ReadonlyMap<Value, Node>,
  { ownerOf }: Liveness,
): Node[] {
  const result = nodes.slice(0, worst + 1);
  // The chosen values and all views of them, and what makes them.
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

/** A graph of these nodes, with another's inputs, constants and results. */
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

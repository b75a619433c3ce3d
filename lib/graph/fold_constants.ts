/** Computes nodes that depend only on constants once, instead of in every run. */

import type { Value } from "./graph.ts";
import { Graph } from "./graph.ts";
import type { ConstantData } from "./tensor_info.ts";

/** Runs a graph without inputs and returns its outputs' elements by name. */
export type ComputeConstants = (
  graph: Graph,
) => Promise<Readonly<Record<string, { readonly data: ConstantData }>>>;

/**
 * Returns the graph with constants instead of values that depend only on constants.
 *
 * ONNX Runtime folds its standard operators itself, but not those that reorder weights into blocked
 * channels.
 *
 * @param graph The graph, which stays as it is.
 * @param compute Computes the values; not called if there are none.
 */
export async function foldConstants(graph: Graph, compute: ComputeConstants): Promise<Graph> {
  const known = new Set<Value>(graph.constants);
  /** Known values that the rest of the graph reads. */
  const wanted = new Set<Value>();
  for (const { inputs, outputs } of graph.nodes) {
    if (inputs.every((input) => input === null || known.has(input))) {
      for (const output of outputs) known.add(output);
    } else for (const input of inputs) if (input && known.has(input)) wanted.add(input);
  }
  for (const output of graph.outputs.values()) if (known.has(output)) wanted.add(output);
  const results = Array.from(wanted.difference(new Set(graph.constants)));
  if (results.length === 0) return graph;

  const constantPart = new Graph(`${graph.prefix}f`);
  const copies = copyNodes(graph, constantPart, new Map(), (value) => known.has(value));
  results.forEach((value, i) => constantPart.output(`constant_${i}`, copies.get(value)!));
  const computed = await compute(constantPart);

  const folded = new Graph(`${graph.prefix}f`);
  const values = new Map<Value, Value>();
  for (const input of graph.inputs) {
    values.set(input, folded.input(input.name, input.type, input.shape));
  }
  results.forEach((value, i) => {
    const { data } = computed[`constant_${i}`];
    values.set(value, folded.constant(value.type, value.shape, data, value.name));
  });
  copyNodes(graph, folded, values, (value) => !known.has(value));
  for (const [name, value] of graph.outputs) folded.output(name, values.get(value)!);
  return folded;
}

/** Copies all constants, and the nodes whose outputs are chosen, into another graph. */
function copyNodes(
  from: Graph,
  to: Graph,
  values: Map<Value, Value>,
  isChosen: (output: Value) => boolean,
): Map<Value, Value> {
  for (const value of from.constants) values.set(value, to.adopt(value));
  for (const { operator, inputs, outputs, attributes, origin } of from.nodes) {
    if (!isChosen(outputs[0])) continue;
    to.origin = origin;
    const copies = to.add(operator, inputs.map((input) => input && values.get(input)!), attributes);
    outputs.forEach((output, i) => values.set(output, copies[i]));
  }
  return values;
}

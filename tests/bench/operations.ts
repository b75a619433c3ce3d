/** Counts the arithmetic of graphs, to compare a time with the fastest that the machine allows. */

import { type Shape, sizeOf } from "../../lib/array/nd_array.ts";
import { Graph, type Node, type Value } from "../../lib/graph/graph.ts";
import type { OperatorName } from "../../lib/graph/operator_name.ts";
import { type Network, parametersOf } from "../../lib/network/network.ts";
import { type StepParts, trainingGraph } from "../../lib/training/step/step_graph.ts";

/**
 * Multiplications and additions of convolutions and products, by their definitions, in the nodes
 * that a graph's outputs need. Everything else, such as norms, is a few percent and not counted; an
 * algorithm that saves multiplications, as Winograd's, can be faster than its count allows.
 *
 * @param graph A graph before lowering, with convolutions and their gradients as single nodes.
 */
export function countOperations(graph: Graph): number {
  const needed = new Set<Value>(graph.outputs.values());
  let multiplications = 0;
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((value) => needed.has(value))) continue;
    for (const value of node.inputs) if (value) needed.add(value);
    multiplications += rules[node.operator]?.(node) ?? 0;
  }
  return 2 * multiplications;
}

/** Operations of a training step: the forward and backward passes over a batch. */
export function stepOperations(parts: Omit<StepParts, "parameters">): number {
  const parameters = parametersOf(parts.network, parts.imageShape);
  return countOperations(trainingGraph({ ...parts, parameters }));
}

/** Operations of a network's pass over images, of which only the first output is computed. */
export function passOperations(network: Network, imageShape: Shape): number {
  const graph = new Graph();
  const image = graph.input("image", "float32", imageShape);
  const [logits] = network(image, (name, shape) => graph.input(name, "float32", shape));
  graph.output("logits", logits);
  return countOperations(graph);
}

type Rule = (node: Node) => number;

/** Products of each element of a convolution's smaller side with its filter. */
const filtered = (value: Value, filters: Value) =>
  sizeOf(value.shape) * sizeOf(filters.shape) / filters.shape[0];

const rules: Readonly<Partial<Record<OperatorName, Rule>>> = {
  Conv: ({ inputs: [, filters], outputs: [y] }) => filtered(y, filters!),
  ConvTranspose: ({ inputs: [x, filters] }) => filtered(x!, filters!),
  "nnunet:ConvInputGradient": ({ inputs: [dy, filters] }) => filtered(dy!, filters!),
  "nnunet:ConvWeightGradient": ({ inputs: [, dy], outputs: [filters] }) => filtered(dy!, filters),
  MatMul: ({ inputs: [a], outputs: [y] }) => sizeOf(y.shape) * a!.shape.at(-1)!,
};

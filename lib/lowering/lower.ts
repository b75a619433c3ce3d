/**
 * Rewrites a graph for a provider.
 *
 * Networks, losses and gradients are written once, with the operators that express them best. A
 * provider's table of lowerings has a row for each operator that it lacks or computes slowly, which
 * builds the same result from other operators.
 */

import type { Attributes } from "../graph/attributes.ts";
import type { Node, Value } from "../graph/graph.ts";
import { Graph } from "../graph/graph.ts";
import type { OperatorName } from "../graph/operator_name.ts";
import { atOnce, type Pieces } from "../runtime/in_pieces.ts";

/** Builds an operator's result in the new graph. */
export type Lowering = (
  inputs: readonly Value[],
  attributes: Attributes,
  context: LoweringContext,
) => readonly Value[];

/** State shared by the lowerings of one graph. */
export interface LoweringContext {
  /** Values that a forward operator saves for its gradient, by the forward operator's input. */
  readonly saved: Map<Value, readonly Value[]>;
  /** The same for batch normalisations: mean and variance of an image's channels, (c). */
  readonly batchStatistics: Map<Value, BatchStatistics>;
  /** Returns a number that is unique in this graph. */
  serial(): number;
}

/** Mean and variance of an image's channels over all samples, (c). */
export interface BatchStatistics {
  readonly mean: Value;
  readonly variance: Value;
}

/** A provider's lowerings by operator; operators without a row are kept. */
export type LoweringTable = Readonly<Partial<Record<OperatorName, Lowering>>>;

/**
 * Rewrites a graph with a table of lowerings. Inputs, outputs and constants keep their names. A
 * node's origin is the index of the original node, also after several lowerings.
 */
export function lower(graph: Graph, table: LoweringTable): Graph {
  return atOnce(lowerInPieces(graph, table));
}

/** Does what {@link lower} does, and pauses after each node. */
export function* lowerInPieces(graph: Graph, table: LoweringTable): Pieces<Graph> {
  const lowered = new Graph(`${graph.prefix}l`);
  const image = new Map<Value, Value>();
  for (const input of graph.inputs) {
    image.set(input, lowered.input(input.name, input.type, input.shape));
  }
  for (const value of graph.constants) image.set(value, lowered.adopt(value));
  let serial = 0;
  const context: LoweringContext = {
    saved: new Map(),
    batchStatistics: new Map(),
    serial: () => serial++,
  };
  for (const [index, node] of graph.nodes.entries()) {
    lowered.origin = node.origin ?? `${index}`;
    const outputs = lowerNode(node, lowered, image, table, context);
    node.outputs.forEach((output, i) => image.set(output, outputs[i]));
    yield;
  }
  for (const [name, value] of graph.outputs) lowered.output(name, image.get(value)!);
  return lowered;
}

function lowerNode(
  { operator, inputs, attributes }: Node,
  graph: Graph,
  image: ReadonlyMap<Value, Value>,
  table: LoweringTable,
  context: LoweringContext,
): readonly Value[] {
  const mapped = inputs.map((input) => input && image.get(input)!);
  const lowering = table[operator];
  return lowering
    ? lowering(mapped as readonly Value[], attributes, context)
    : graph.add(operator, mapped, attributes);
}

/**
 * Rewrites a graph for a provider.
 *
 * Networks, losses and gradients are written once, in the operators that say what is meant. How a
 * provider computes each fastest, or at all, is in its table of lowerings: an operator a row, which
 * builds the same result from other operators.
 */

import type { Attributes } from "../graph/attributes.ts";
import type { Node, Value } from "../graph/graph.ts";
import { Graph } from "../graph/graph.ts";
import type { OperatorName } from "../graph/operator_name.ts";

/** Builds what an operator computes, in the new graph. */
export type Lowering = (
  inputs: readonly Value[],
  attributes: Attributes,
  context: LoweringContext,
) => readonly Value[];

/** What lowerings of one graph share. */
export interface LoweringContext {
  /** What a forward operator keeps for its gradient, by the value that it was computed from. */
  readonly saved: Map<Value, readonly Value[]>;
  /** A number that no other lowering of this graph gets. */
  serial(): number;
}

/** A provider's lowerings by operator; operators without a row stay as they are. */
export type LoweringTable = Readonly<Partial<Record<OperatorName, Lowering>>>;

/**
 * The same graph in a provider's operators. Inputs, outputs and constants keep their names; nodes
 * keep as their origin the index of the node that they were lowered from, through any number of
 * lowerings.
 */
export function lower(graph: Graph, table: LoweringTable): Graph {
  const lowered = new Graph(`${graph.prefix}l`);
  const image = new Map<Value, Value>();
  for (const input of graph.inputs) {
    image.set(input, lowered.input(input.name, input.type, input.shape));
  }
  for (const value of graph.constants) image.set(value, lowered.adopt(value));
  let serial = 0;
  const context: LoweringContext = { saved: new Map(), serial: () => serial++ };
  for (const [index, node] of graph.nodes.entries()) {
    lowered.origin = node.origin ?? `${index}`;
    const outputs = lowerNode(node, lowered, image, table, context);
    node.outputs.forEach((output, i) => image.set(output, outputs[i]));
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

/**
 * Converts convolutions, and on some devices the operators between them, to float16.
 *
 * This is a separate pass before a device's lowerings: weights, losses and the optimizer stay
 * float32, as in PyTorch's autocast, with casts only where the types meet.
 *
 * @see Micikevicius et al. 2018, Mixed Precision Training
 */

import { Graph, type Node, type Value } from "../graph/graph.ts";
import type { OperatorName } from "../graph/operator_name.ts";
import { cast } from "../graph/operators.ts";

/** Operators that GPUs compute several times faster in float16. */
const halved = new Set<OperatorName>([
  "Conv",
  "ConvTranspose",
  "nnunet:ConvInputGradient",
  "nnunet:ConvWeightGradient",
]);

/**
 * Operators that lose no precision in float16 and move half the bytes: they keep their inputs'
 * type.
 */
const following = new Set<OperatorName>([
  "Identity",
  "Reshape",
  "Transpose",
  "Concat",
  "Split",
  "Slice",
  "Pad",
  "Expand",
  "LeakyRelu",
  "nnunet:LeakyReluGradient",
]);

/** Operators that sum over voxels: they keep their image's type if float16 is added in float32. */
const summing = new Set<OperatorName>([
  "InstanceNormalization",
  "nnunet:InstanceNormalizationGradient",
]);

/** A value in the new graph, by the types that have been needed so far. */
type Precisions = Map<"float32" | "float16", Value>;

/**
 * Converts a graph's convolutions to float16. Inputs, outputs and constants keep their types.
 *
 * @param graph The graph, which stays as it is.
 * @param options.addsInSingle Whether the device adds float16 values in float32. Only then are
 * normalisations and weight gradients, which sum over voxels, computed in float16.
 */
export function halveConvolutions(graph: Graph, { addsInSingle = false } = {}): Graph {
  const mixed = new Graph(`${graph.prefix}h`);
  const plain = new Map<Value, Value>();
  const floats = new Map<Value, Precisions>();
  const put = (old: Value, value: Value) => {
    if (value.type === "float32" || value.type === "float16") {
      floats.set(old, new Map([[value.type, value]]));
    } else plain.set(old, value);
  };
  const get = (old: Value, type: "float32" | "float16") => {
    const precisions = floats.get(old);
    if (!precisions) return plain.get(old)!;
    const found = precisions.get(type) ?? cast([...precisions.values()][0], type);
    precisions.set(type, found);
    return found;
  };
  for (const input of graph.inputs) put(input, mixed.input(input.name, input.type, input.shape));
  for (const value of graph.constants) put(value, mixed.adopt(value));
  const precisionOf = ({ operator, inputs }: Node) => {
    if (operator === "nnunet:ConvWeightGradient" && !addsInSingle) return "float32";
    if (halved.has(operator)) return "float16";
    // A value's first type is the one that it was computed in; the others are casts.
    const isHalf = inputs.some((input) =>
      input && floats.get(input)?.keys().next().value === "float16"
    );
    const follows = following.has(operator) || (addsInSingle && summing.has(operator));
    return follows && isHalf ? "float16" : "float32";
  };
  for (const node of graph.nodes) {
    const precision = precisionOf(node);
    const inputs = node.inputs.map((input) =>
      input && get(input, staysSingle(node, input) ? "float32" : precision)
    );
    const outputs = mixed.add(node.operator, inputs, node.attributes);
    node.outputs.forEach((output, i) => put(output, outputs[i]));
  }
  for (const [name, value] of graph.outputs) mixed.output(name, get(value, "float32"));
  return mixed;
}

/** Whether an input is a normalisation's scale, whose gradient must be float32. */
function staysSingle({ operator, inputs }: Node, input: Value): boolean {
  return operator === "nnunet:InstanceNormalizationGradient" && input === inputs[1];
}

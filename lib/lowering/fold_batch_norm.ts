/** Folds batch normalisations by given statistics into the convolutions before them. */

import { Graph, type Node, type Value } from "../graph/graph.ts";

/**
 * Returns a graph in which a convolution and the batch normalisation of its result are one
 * convolution, if their parameters are constants and nothing else uses the result.
 *
 * @param graph The graph, which stays as it is; it is returned if there is nothing to fold.
 */
export function foldBatchNorm(graph: Graph): Graph {
  const folded = foldable(graph);
  if (folded.size === 0) return graph;
  const result = new Graph(`${graph.prefix}b`);
  const image = new Map<Value, Value>();
  for (const input of graph.inputs) {
    image.set(input, result.input(input.name, input.type, input.shape));
  }
  const constants = new Set(graph.constants);
  /** Adopts constants when they are used: folded ones are not copied. */
  const valueOf = (value: Value): Value => {
    const known = image.get(value);
    if (known || !constants.has(value)) return known!;
    const adopted = result.adopt(value);
    image.set(value, adopted);
    return adopted;
  };
  const normalizations = new Set(folded.values());
  for (const node of graph.nodes) {
    if (normalizations.has(node)) continue;
    result.origin = node.origin;
    const normalization = folded.get(node);
    if (normalization) {
      const x = valueOf(node.inputs[0]!);
      const outputs = result.add("Conv", [x, ...parametersOf(node, normalization, result)], {
        ...node.attributes,
      });
      image.set(normalization.outputs[0], outputs[0]);
      continue;
    }
    const inputs = node.inputs.map((input) => input && valueOf(input));
    const outputs = result.add(node.operator, inputs, node.attributes);
    node.outputs.forEach((output, i) => image.set(output, outputs[i]));
  }
  for (const [name, value] of graph.outputs) result.output(name, valueOf(value));
  return result;
}

/** Returns the convolutions to fold a normalisation into. */
function foldable(graph: Graph): Map<Node, Node> {
  const uses = new Map<Value, number>();
  const use = (value: Value) => uses.set(value, (uses.get(value) ?? 0) + 1);
  for (const { inputs } of graph.nodes) for (const input of inputs) if (input) use(input);
  for (const output of graph.outputs.values()) use(output);
  const found = new Map<Node, Node>();
  for (const node of graph.nodes) {
    if (node.operator !== "BatchNormalization" || node.attributes.training_mode) continue;
    const [x, ...parameters] = node.inputs;
    const conv = graph.producerOf(x!);
    if (conv?.operator !== "Conv" || uses.get(x!) !== 1) continue;
    const all = [...parameters, ...conv.inputs.slice(1)];
    if (all.every((value) => !value || value.constant instanceof Float32Array)) {
      found.set(conv, node);
    }
  }
  return found;
}

/** Returns the weight and bias of a convolution and the normalisation after it. */
function parametersOf(conv: Node, { inputs, attributes }: Node, graph: Graph): [Value, Value] {
  const [, weight, bias] = conv.inputs;
  const [scale, shift, mean, variance] = inputs.slice(1).map((input) =>
    input!.constant as Float32Array
  );
  const factors = Array.from(
    scale,
    (value, i) => value / Math.sqrt(variance[i] + (attributes.epsilon as number)),
  );
  const old = weight!.constant as Float32Array;
  const perFilter = old.length / factors.length;
  const weights = old.map((value, i) => value * factors[Math.floor(i / perFilter)]);
  const offsets = bias?.constant as Float32Array | undefined;
  const biases = Float32Array.from(
    factors,
    (factor, i) => ((offsets?.[i] ?? 0) - mean[i]) * factor + shift[i],
  );
  return [
    graph.constant("float32", weight!.shape, weights, `${weight!.name} normalised`),
    graph.constant("float32", [biases.length], biases, `${weight!.name} offset`),
  ];
}

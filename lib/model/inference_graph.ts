/** A trained network as an ONNX model. */

import type { NdArray, Shape } from "../array/nd_array.ts";
import { encodeModel, fillModel } from "../graph/encode.ts";
import { Graph, type Value } from "../graph/graph.ts";
import type { Network, ParameterSource } from "../network/network.ts";

/** Names of the model's input and output. */
export const inferenceNames = {
  /** float32 (n, c, …patch) */
  image: "image",
  /** float32 (n, heads, …patch) */
  logits: "logits",
  /** The same, after softmax or sigmoid; only in models exported with it. */
  probabilities: "probabilities",
} as const;

/**
 * A network with its weights inside, in ONNX's plain operators: whoever runs it chooses how. Only
 * the highest resolution's output remains; how many patches a run takes is free.
 *
 * @param imageShape (n, c, …patch), n of no consequence.
 * @param weights By parameter name.
 * @param metadata Strings to store beside the network.
 * @throws {TypeError} If a parameter is missing or has another shape.
 */
export function inferenceModel(
  network: Network,
  imageShape: Shape,
  weights: ReadonlyMap<string, NdArray>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  return fillModel(inferenceFrame(network, imageShape, metadata), weights);
}

/** The same before the weights are in it: small, and `fillModel()` does the rest in a worker. */
export function inferenceFrame(
  network: Network,
  imageShape: Shape,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const graph = new Graph();
  const image = graph.input(inferenceNames.image, "float32", imageShape);
  const [logits] = network(image, placeholders(graph));
  graph.output(inferenceNames.logits, logits);
  return encodeModel(graph, metadata, { batchName: "n" });
}

/** Serves each parameter as a constant of a graph, to be filled. */
export function placeholders(graph: Graph): ParameterSource {
  const constants = new Map<string, Value>();
  return (name, shape) => {
    const constant = constants.get(name) ?? graph.placeholder("float32", shape, name);
    constants.set(name, constant);
    return constant;
  };
}

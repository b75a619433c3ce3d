/** Encodes a trained network as an ONNX model. */

import type { NdArray, Shape } from "../array/nd_array.ts";
import { encodeModel, fillModel } from "../graph/encode.ts";
import { Graph, type Value } from "../graph/graph.ts";
import { withoutAttention } from "../lowering/attention.ts";
import type { Network, ParameterSource } from "../network/network.ts";

/** Names of the model's input and output. */
export const inferenceNames = {
  /** float32 (n, c, …patch) */
  image: "image",
  /** float32 (n, heads, …patch) */
  logits: "logits",
  /** float32 (n, heads, …patch), after softmax or sigmoid; only in models exported with it */
  probabilities: "probabilities",
} as const;

/**
 * Encodes a network and its weights with ONNX's standard operators; it is lowered for a device when
 * it is loaded. The model has only the highest resolution's output, and n is free.
 *
 * @param network The network.
 * @param imageShape (n, c, …patch), of which n is ignored.
 * @param weights Weights by parameter name.
 * @param metadata Strings to store in the model.
 * @returns A model from `image` (n, c, …patch) to `logits` (n, heads, …patch).
 * @throws {TypeError} If a parameter is missing or has another shape.
 */
export function inferenceModel(
  network: Network,
  imageShape: Shape,
  weights: ReadonlyMap<string, NdArray>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  return fillModel(weightlessModel(network, imageShape, metadata), weights);
}

/**
 * Encodes a network like {@link inferenceModel}, but without weights: the result is small enough to
 * send to a worker, where `fillModel()` adds them.
 */
export function weightlessModel(
  network: Network,
  imageShape: Shape,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const graph = new Graph();
  const image = graph.input(inferenceNames.image, "float32", imageShape);
  const [logits] = network(image, placeholders(graph));
  graph.output(inferenceNames.logits, logits);
  return encodeModel(withoutAttention(graph), metadata, { batchName: "n" });
}

/** Returns a source of parameters that are placeholders for constants of a graph. */
export function placeholders(graph: Graph): ParameterSource {
  const constants = new Map<string, Value>();
  return (name, shape) => {
    const constant = constants.get(name) ?? graph.placeholder("float32", shape, name);
    constants.set(name, constant);
    return constant;
  };
}

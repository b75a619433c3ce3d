/** A trained network as an ONNX model. */

import { type NdArray, sameShape, type Shape } from "../array/nd_array.ts";
import { encodeModel } from "../graph/encode.ts";
import { Graph, type Value } from "../graph/graph.ts";
import { blockConvTranspose } from "../lowering/transposed_convolution.ts";
import { lower } from "../lowering/lower.ts";
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
 * A network with its weights inside. Only the highest resolution's output remains.
 *
 * @param imageShape (n, c, …patch)
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
  const graph = new Graph();
  const image = graph.input(inferenceNames.image, "float32", imageShape);
  const [logits] = network(image, weightSource(graph, weights));
  graph.output(inferenceNames.logits, logits);
  return encodeModel(lower(graph, { ConvTranspose: blockConvTranspose }), metadata);
}

/**
 * Serves trained weights as constants of a graph.
 *
 * @param weights By parameter name.
 * @returns What throws a TypeError if a parameter is missing or has another shape.
 */
export function weightSource(
  graph: Graph,
  weights: ReadonlyMap<string, NdArray>,
): ParameterSource {
  const constants = new Map<string, Value>();
  return (name, shape) => {
    const found = weights.get(name);
    if (!found || !sameShape(found.shape, shape)) {
      throw new TypeError(
        `Cannot build the network: ${name} is ${found ? `[${found.shape}]` : "missing"}, ` +
          `expected [${shape}]`,
      );
    }
    const constant = constants.get(name) ?? graph.constant("float32", shape, found.data, name);
    constants.set(name, constant);
    return constant;
  };
}

/** Checks what a network returns, so that a mistake in a custom network is reported before training. */

import { sameShape, type Shape } from "../array/nd_array.ts";
import { Graph, type Value } from "../graph/graph.ts";
import type { Network } from "./network.ts";

/**
 * Returns a network that checks its outputs whenever it is built.
 *
 * @param network The network.
 * @param heads Number of channels that each output must have.
 * @returns The same network; it throws a `TypeError` that names what is returned and what is
 * expected if the outputs are not a list of float32 logits (n, heads, …spatial), the first with the
 * image's spatial shape, the others with extents that divide it.
 */
export function withCheckedOutputs(network: Network, heads: number): Network {
  return (image, parameter, training) => {
    const outputs = network(image, parameter, training);
    requireOutputs(outputs, image, heads);
    return outputs;
  };
}

/**
 * Builds a network once, to find out whether it can be trained.
 *
 * @param network The network, which checks its outputs.
 * @param imageShape (n, c, …spatial)
 * @throws {TypeError} If the network requests no parameters, or an output is a parameter.
 * @throws What the network throws.
 */
export function requireTrainable(network: Network, imageShape: Shape): void {
  const graph = new Graph();
  const image = graph.input("image", "float32", imageShape);
  let count = 0;
  const outputs = network(image, (_, shape) => graph.placeholder("float32", shape, `p${count++}`));
  if (count === 0) {
    throw new TypeError(
      "Cannot train the network: it requests no parameters, expected at least one",
    );
  }
  const index = outputs.findIndex((output) => !graph.producerOf(output));
  if (index >= 0) fail(`output ${index} is a parameter, expected the result of an operator`);
}

function requireOutputs(outputs: readonly Value[], image: Value, heads: number): void {
  if (!Array.isArray(outputs as unknown)) {
    fail("the network returned no array, expected an array of logits");
  }
  if (outputs.length === 0) fail("the network returned no outputs, expected at least one");
  const [batch, , ...size] = image.shape;
  for (const [index, output] of outputs.entries()) {
    const name = `output ${index}`;
    if (output?.graph !== image.graph) {
      fail(`${name} is not a value of the image's graph, expected the result of an operator`);
    }
    const expected = index === 0
      ? `expected [${[batch, heads, ...size]}]: one channel per head, and the image's shape`
      : `expected [${[batch, heads]},…] with extents that divide the image's, [${size}]`;
    if (output === image) fail(`${name} is the network's input, ${expected}`);
    if (output.type !== "float32") fail(`${name} is ${output.type}, expected float32`);
    const [n, c, ...extents] = output.shape;
    const fits = index === 0
      ? sameShape(extents, size)
      : extents.length === size.length && extents.every((extent, i) => size[i] % extent === 0);
    if (n !== batch || c !== heads || !fits) {
      fail(`${name} has shape [${output.shape}], ${expected}`);
    }
  }
}

function fail(found: string): never {
  throw new TypeError(`Cannot build the network: ${found}`);
}

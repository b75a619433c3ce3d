/**
 * What a network is: a function that builds its outputs in a graph, asking for its parameters by
 * name.
 *
 * The same function serves training, where parameters are parts of one flat vector that the
 * optimiser updates, and inference, where they are constants of the model.
 */

import { type Shape, sizeOf } from "../array/nd_array.ts";
import { Graph, type Value } from "../graph/graph.ts";
import type { Generator } from "../random/generator.ts";

/** How a parameter starts: He's normal distribution over the fan-in, or a constant. */
export type Initialization = { readonly heNormal: { readonly slope: number } } | number;

/** Gives a network one of its parameters. Names are those of PyTorch's state dict. */
export type ParameterSource = (
  name: string,
  shape: Shape,
  initialization: Initialization,
) => Value;

/**
 * Builds a network.
 *
 * @param image (n, c, …spatial)
 * @returns Logits (n, heads, …), highest resolution first; more than one for deep supervision.
 */
export type Network = (image: Value, parameter: ParameterSource) => Value[];

/** A parameter that a network asks for. */
export interface ParameterSpec {
  readonly name: string;
  readonly shape: Shape;
  readonly initialization: Initialization;
}

/** The parameters of a network, in the order in which it asks for them. */
export function parametersOf(network: Network, imageShape: Shape): ParameterSpec[] {
  const graph = new Graph();
  const specs: ParameterSpec[] = [];
  network(graph.input("image", "float32", imageShape), (name, shape, initialization) => {
    if (specs.some((spec) => spec.name === name)) {
      throw new RangeError(`Cannot build the network: it has two parameters "${name}"`);
    }
    specs.push({ name, shape, initialization });
    return graph.input(name, "float32", shape);
  });
  return specs;
}

/** Number of values in all parameters together. */
export function countParameters(specs: readonly ParameterSpec[]): number {
  return specs.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

/**
 * Starting values of all parameters, one after the other.
 *
 * He initialisation as PyTorch's `kaiming_normal_` with fan-in: standard deviation
 * √(2 / (1 + slope²) / fanIn), fanIn the product of all extents but the first.
 *
 * @see He et al. 2015, Delving Deep into Rectifiers, section 2.2
 */
export function initialWeights(
  specs: readonly ParameterSpec[],
  generator: Generator,
): Float32Array<ArrayBuffer> {
  const weights = new Float32Array(countParameters(specs));
  let offset = 0;
  for (const { shape, initialization } of specs) {
    const part = weights.subarray(offset, offset += sizeOf(shape));
    if (typeof initialization === "number") {
      part.fill(initialization);
      continue;
    }
    const { slope } = initialization.heNormal;
    const deviation = Math.sqrt(2 / (1 + slope * slope) / sizeOf(shape.slice(1)));
    for (let i = 0; i < part.length; i++) part[i] = deviation * generator.normal();
  }
  return weights;
}

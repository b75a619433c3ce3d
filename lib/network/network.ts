/**
 * Defines networks as functions that build their outputs in a graph and request parameters by name.
 *
 * The same function serves training, where parameters are slices of one flat vector that the
 * optimiser updates, and inference, where they are constants of the model.
 */

import { type Shape, sizeOf } from "../array/nd_array.ts";
import { Graph, type Value } from "../graph/graph.ts";
import type { Generator } from "../random/generator.ts";

/**
 * A parameter's initialization: He's normal distribution over the fan-in, a normal distribution of
 * mean 0, or a constant.
 */
export type Initialization =
  | { readonly heNormal: { readonly slope: number } }
  | { readonly normal: { readonly deviation: number } }
  | number;

/** What a parameter is, besides its name, shape and first values. */
export interface ParameterOptions {
  /**
   * False for a buffer, such as the running mean of batch normalisation: the optimiser leaves it
   * alone, and {@link TrainingMode.update} sets it. True by default.
   */
  readonly trained?: boolean;
  /**
   * Index of its module in the list of its block, under which PyTorch's state dict has it a second
   * time; by default 0 for a block's convolution and 1 for its normalisation.
   */
  readonly place?: number;
}

/** Returns one of a network's parameters. Names are those of PyTorch's state dict. */
export type ParameterSource = (
  name: string,
  shape: Shape,
  initialization: Initialization,
  options?: ParameterOptions,
) => Value;

/** What networks can do in training steps only. */
export interface TrainingMode {
  /**
   * Returns random numbers from [0, 1), float32 of this shape. They differ from step to step, and a
   * resumed training gets those that it would have got uninterrupted.
   */
  uniform(shape: Shape): Value;
  /**
   * Sets a buffer after the step.
   *
   * @param name Name of the buffer, which the network requested with `trained: false`.
   * @param value Its new value.
   */
  update(name: string, value: Value): void;
}

/**
 * Builds a network.
 *
 * @param image Input of shape (n, c, …spatial).
 * @param parameter Returns a parameter by name.
 * @param training In a training step; undefined where the network validates or predicts.
 * @returns Logits (n, heads, …spatial), highest resolution first; several for deep supervision.
 */
export type Network = (
  image: Value,
  parameter: ParameterSource,
  training?: TrainingMode,
) => Value[];

/** A parameter that a network requests. */
export interface ParameterSpec extends ParameterOptions {
  /** Name in PyTorch's state dict. */
  readonly name: string;
  /** Extent per axis. */
  readonly shape: Shape;
  /** How its first values are drawn. */
  readonly initialization: Initialization;
}

/**
 * Returns a network's parameters, in the order in which it requests them when it is trained.
 *
 * @param network The network.
 * @param imageShape (n, c, …spatial)
 * @returns Name, shape and initialization of each parameter, in the order in which the network
 * requests them, except that buffers come last.
 * @throws {RangeError} If the network requests a name twice.
 *
 * @example A network of one 1×1 convolution
 * ```ts
 * import assert from "node:assert/strict";
 * import { conv, type Network, parametersOf } from "nnunet/parts";
 *
 * const network: Network = (image, parameter) => [
 *   conv(image, parameter("head.weight", [2, image.shape[1], 1, 1], 0)),
 * ];
 * const [weight] = parametersOf(network, [1, 3, 8, 8]);
 * assert.deepEqual(weight, { name: "head.weight", shape: [2, 3, 1, 1], initialization: 0 });
 * ```
 */
export function parametersOf(network: Network, imageShape: Shape): ParameterSpec[] {
  const graph = new Graph();
  const specs: ParameterSpec[] = [];
  const image = graph.input("image", "float32", imageShape);
  let draws = 0;
  const training: TrainingMode = {
    uniform: (shape) => graph.input(`random ${draws++}`, "float32", shape),
    update: () => {},
  };
  const parameter: ParameterSource = (name, shape, initialization, options) => {
    if (specs.some((spec) => spec.name === name)) {
      throw new RangeError(
        `Cannot build the network: parameter "${name}" is requested twice, expected unique names`,
      );
    }
    requireInitialization(name, initialization);
    specs.push({ name, shape, initialization, ...options });
    return graph.input(name, "float32", shape);
  };
  network(image, parameter, training);
  return [...trainedOf(specs), ...specs.filter(({ trained }) => trained === false)];
}

/** Returns the parameters that an optimiser updates: all but buffers. */
export function trainedOf(specs: readonly ParameterSpec[]): ParameterSpec[] {
  return specs.filter(({ trained = true }) => trained);
}

/** @throws {TypeError} If a custom network's parameter has no valid initialization. */
function requireInitialization(name: string, initialization: Initialization): void {
  const { heNormal, normal } = (initialization ?? {}) as {
    readonly heNormal?: { readonly slope?: unknown };
    readonly normal?: { readonly deviation?: unknown };
  };
  if (Number.isFinite(typeof initialization === "number" ? initialization : heNormal?.slope)) {
    return;
  }
  if (Number.isFinite(normal?.deviation)) return;
  throw new TypeError(
    `Cannot build the network: the initialization of parameter "${name}" is ` +
      `${
        JSON.stringify(initialization)
      }, expected a number, { heNormal: { slope } } or { normal: { deviation } }`,
  );
}

/** Returns the {@link ParameterOptions.place} of the parameters that have one, by name. */
export function placesOf(specs: readonly ParameterSpec[]): Map<string, number> {
  return new Map(
    specs.flatMap(({ name, place }): [string, number][] =>
      place === undefined ? [] : [[name, place]]
    ),
  );
}

/**
 * Returns the total number of values in all parameters.
 *
 * @param specs A network's parameters, as {@link parametersOf} returns them.
 * @returns The number of values.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { countParameters } from "nnunet/parts";
 *
 * assert.equal(countParameters([{ name: "weight", shape: [2, 3, 1, 1], initialization: 0 }]), 6);
 * ```
 */
export function countParameters(specs: readonly ParameterSpec[]): number {
  return specs.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

/**
 * Returns initial values of all parameters, concatenated in order.
 *
 * He initialisation as in PyTorch's `kaiming_normal_` with fan-in: the standard deviation is
 * √(2 / (1 + slope²) / fanIn), where fanIn is the product of all extents but the first.
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
    const deviation = deviationOf(initialization, shape);
    for (let i = 0; i < part.length; i++) part[i] = deviation * generator.normal();
  }
  return weights;
}

/** Returns the standard deviation of a parameter's first values. */
function deviationOf(
  initialization: Exclude<Initialization, number>,
  shape: Shape,
): number {
  if ("normal" in initialization) return initialization.normal.deviation;
  const { slope } = initialization.heNormal;
  return Math.sqrt(2 / (1 + slope * slope) / sizeOf(shape.slice(1)));
}

/**
 * Builds a convolution with its normalisation and nonlinearity, with the parameter names of
 * PyTorch's state dict.
 *
 * @see MIC-DKFZ/dynamic-network-architectures building_blocks/simple_conv_blocks.py
 */

import type { Shape } from "../array/nd_array.ts";
import type { Value } from "../graph/graph.ts";
import { conv, leakyRelu } from "../graph/operators.ts";
import type { Architecture, Dropout, Nonlinearity, Normalization } from "../files/plans.ts";
import { dropout } from "./dropout.ts";
import type { ParameterSource, TrainingMode } from "./network.ts";
import { nonlinearityOf } from "./nonlinearity.ts";
import { normalize } from "./normalization.ts";

const SLOPE = 0.01;
/** The initialisation of all convolutions: for nnU-Net's leaky ReLU, whatever the nonlinearity. */
export const heNormal = { heNormal: { slope: SLOPE } } as const;

/** A convolution and the normalisation after it. */
export interface ConvNormOptions {
  /** Number of output channels. */
  readonly features: number;
  /** Odd extents; zero padding keeps the image's size if the stride is 1. */
  readonly kernel: Shape;
  /** All ones by default. */
  readonly stride?: Shape;
  /** True by default. */
  readonly bias?: boolean;
  /** Instance normalisation by default; null for none. */
  readonly normalization?: Normalization | null;
  /** Initial scale of the normalisation, 1 by default. */
  readonly initialScale?: number;
  /** A dropout between the convolution and the normalisation; none by default. */
  readonly dropout?: Dropout;
  /**
   * What the network is given in a training step. Dropout does nothing without it, and batch
   * normalisation uses its running statistics.
   */
  readonly training?: TrainingMode;
}

/** A convolution, its normalisation and its nonlinearity. */
export interface ConvBlockOptions extends ConvNormOptions {
  /** A leaky ReLU by default; null for none. */
  readonly nonlinearity?: Nonlinearity | null;
  /** Whether the nonlinearity precedes the normalisation; false by default. */
  readonly nonlinearityFirst?: boolean;
}

/**
 * Applies a convolution, by default followed by instance normalisation.
 *
 * @param parameter Returns parameters by name.
 * @param name Prefix of the parameters' names.
 * @param x (n, c, …spatial)
 * @param options The convolution, dropout and normalisation.
 * @returns (n, features, …spatial)
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { activate, convNorm, type Network, parametersOf } from "nnunet/parts";
 *
 * const network: Network = (image, parameter) => [
 *   activate(convNorm(parameter, "first", image, { features: 8, kernel: [3, 3] })),
 * ];
 * const [weight] = parametersOf(network, [1, 2, 16, 16]);
 * assert.equal(weight.name, "first.conv.weight");
 * assert.deepEqual(weight.shape, [8, 2, 3, 3]);
 * ```
 */
export function convNorm(
  parameter: ParameterSource,
  name: string,
  x: Value,
  options: ConvNormOptions,
): Value {
  return convBlock(parameter, name, x, { ...options, nonlinearity: null });
}

/** Applies the modules of upstream's `ConvDropoutNormReLU`. */
export function convBlock(
  parameter: ParameterSource,
  name: string,
  x: Value,
  { features, kernel, stride, bias = true, ...block }: ConvBlockOptions,
): Value {
  const { normalization, nonlinearity, training } = block;
  const weight = parameter(`${name}.conv.weight`, [features, x.shape[1], ...kernel], heNormal);
  const offset = bias ? parameter(`${name}.conv.bias`, [features], 0) : null;
  const margin = kernel.map((extent) => (extent - 1) / 2);
  const convolved = conv(x, weight, offset, { strides: stride, pads: [...margin, ...margin] });
  const dropped = block.dropout ? dropout(convolved, block.dropout, training) : convolved;

  const hasBoth = normalization !== null && nonlinearity !== null;
  const isSwapped = block.nonlinearityFirst === true && hasBoth;
  const first = block.dropout ? 2 : 1;
  const second = normalization === null ? first : first + 1;
  const [normPlace, actPlace] = isSwapped ? [second, first] : [first, second];
  const normalized = (image: Value) =>
    normalization === null ? image : normalize(parameter, `${name}.norm`, image, {
      normalization,
      initialScale: block.initialScale,
      options: normPlace === 1 ? undefined : { place: normPlace },
      training,
    });
  const activated = (image: Value) => {
    const options = actPlace === 2 ? undefined : { place: actPlace };
    return nonlinearityOf(parameter, `${name}.nonlin`, nonlinearity, options)(image);
  };
  return isSwapped ? normalized(activated(dropped)) : activated(normalized(dropped));
}

/**
 * Applies the U-Nets' nonlinearity, by default a leaky ReLU.
 *
 * @param x An array of any shape.
 * @returns The results, of the type and shape of `x`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { activate, Graph } from "nnunet/parts";
 *
 * const x = new Graph().input("x", "float32", [1, 8, 16, 16]);
 * assert.deepEqual(activate(x).shape, [1, 8, 16, 16]);
 * ```
 */
export function activate(x: Value): Value {
  return leakyRelu(x, SLOPE);
}

/** Everything in a network's blocks that does not depend on their place in it. */
export type BlockStyle = Omit<ConvBlockOptions, "features" | "kernel" | "stride" | "initialScale">;

/** Returns the style of an architecture's blocks. */
export function blockStyle(
  { convBias, normalization, nonlinearity, nonlinearityFirst, dropout }: Architecture,
  training: TrainingMode | undefined,
): BlockStyle {
  return { bias: convBias, normalization, nonlinearity, nonlinearityFirst, dropout, training };
}

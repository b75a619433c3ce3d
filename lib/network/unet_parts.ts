/**
 * Building blocks of nnU-Net's U-Nets, with the parameter names of PyTorch's state dict.
 *
 * @see MIC-DKFZ/dynamic-network-architectures building_blocks/{simple_conv_blocks,unet_decoder}.py
 */

import type { Shape } from "../array/nd_array.ts";
import type { Value } from "../graph/graph.ts";
import { concat, conv, convTranspose, instanceNorm, leakyRelu } from "../graph/operators.ts";
import type { Architecture } from "../files/plans.ts";
import type { ParameterSource } from "./network.ts";

const SLOPE = 0.01;
const EPSILON = 1e-5;
const heNormal = { heNormal: { slope: SLOPE } };

/** The outputs of a U-Net. */
export interface UNetOptions {
  /** Number of output channels: one per label or one per region. */
  readonly heads: number;
  /**
   * Whether to predict at every decoder resolution, for training, or only at the highest, for
   * inference.
   */
  readonly deepSupervision: boolean;
}

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
  /** Initial scale of the normalisation, 1 by default. */
  readonly initialScale?: number;
}

/**
 * Applies a convolution and instance normalisation.
 *
 * @param parameter Returns parameters by name.
 * @param name Prefix of the parameters' names.
 * @param x (n, c, …spatial)
 * @param options The convolution, and the normalisation's initial scale.
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
  { features, kernel, stride, bias = true, initialScale = 1 }: ConvNormOptions,
): Value {
  const weight = parameter(`${name}.conv.weight`, [features, x.shape[1], ...kernel], heNormal);
  const offset = bias ? parameter(`${name}.conv.bias`, [features], 0) : null;
  const margin = kernel.map((extent) => (extent - 1) / 2);
  const convolved = conv(x, weight, offset, { strides: stride, pads: [...margin, ...margin] });
  const scale = parameter(`${name}.norm.weight`, [features], initialScale);
  const shift = parameter(`${name}.norm.bias`, [features], 0);
  return instanceNorm(convolved, scale, shift, EPSILON);
}

/**
 * Applies the U-Nets' nonlinearity, a leaky ReLU.
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

/**
 * Applies the decoder. Each level, lowest resolution first, has a transposed convolution whose
 * kernel equals its stride, concatenation [upsampled, skip], convolutions, and a 1×1×1 head.
 *
 * @param architecture The plan's architecture.
 * @param options The network's outputs.
 * @param parameter Returns parameters by name.
 * @param skips Outputs of the encoder's stages, (n, features, …spatial), highest resolution first.
 * @returns Logits, (n, heads, …spatial), highest resolution first.
 *
 * @example A custom encoder before nnU-Net's decoder
 * ```ts ignore
 * const network: Network = (image, parameter) =>
 *   decode(architecture, { heads: 3, deepSupervision: true }, parameter, encode(image, parameter));
 * ```
 */
export function decode(
  { featuresPerStage, kernelSizes, strides, convsPerStageDecoder }: Architecture,
  { heads, deepSupervision }: UNetOptions,
  parameter: ParameterSource,
  skips: readonly Value[],
): Value[] {
  const logits: Value[] = [];
  const levels = skips.length - 1;
  let x = skips[levels];
  for (let level = 0; level < levels; level++) {
    const stage = levels - 1 - level;
    const features = featuresPerStage[stage];
    x = upsample(parameter, `decoder.transpconvs.${level}`, x, features, strides[stage + 1]);
    x = concat([x, skips[stage]], 1);
    for (let i = 0; i < convsPerStageDecoder[level]; i++) {
      const name = `decoder.stages.${level}.convs.${i}`;
      x = activate(convNorm(parameter, name, x, { features, kernel: kernelSizes[stage] }));
    }
    if (deepSupervision || level === levels - 1) {
      logits.push(head(parameter, `decoder.seg_layers.${level}`, x, heads));
    }
  }
  return logits.reverse();
}

function upsample(
  parameter: ParameterSource,
  name: string,
  x: Value,
  features: number,
  strides: Shape,
): Value {
  const weight = parameter(`${name}.weight`, [x.shape[1], features, ...strides], heNormal);
  const bias = parameter(`${name}.bias`, [features], 0);
  return convTranspose(x, weight, bias, { strides });
}

function head(parameter: ParameterSource, name: string, x: Value, heads: number): Value {
  const kernel = x.shape.slice(2).map(() => 1);
  const weight = parameter(`${name}.weight`, [heads, x.shape[1], ...kernel], heNormal);
  const bias = parameter(`${name}.bias`, [heads], 0);
  return conv(x, weight, bias);
}

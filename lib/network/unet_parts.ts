/**
 * What nnU-Net's U-Nets are made of, under the names of PyTorch's state dict.
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

/** What the network predicts. */
export interface UNetOptions {
  /** Output channels: one a label, or one a region. */
  readonly heads: number;
  /**
   * Predict at every decoder resolution but the lowest stage's (training), or at the highest only
   * (inference).
   */
  readonly deepSupervision: boolean;
}

/** A convolution and the normalisation after it. */
export interface ConvNormOptions {
  readonly features: number;
  /** Odd extents; zeros around the image keep its size where the stride is 1. */
  readonly kernel: Shape;
  /** All ones if left out. */
  readonly stride?: Shape;
  /** True if left out. */
  readonly bias?: boolean;
  /** What the normalisation's scale starts as, 1 if left out. */
  readonly initialScale?: number;
}

/** Convolution and instance normalisation. */
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

/** The U-Nets' nonlinearity. */
export function activate(x: Value): Value {
  return leakyRelu(x, SLOPE);
}

/**
 * The decoder: per level, lowest first, transposed convolution with kernel = stride, concatenation
 * [upsampled, skip], convolutions, and a 1×1×1 head.
 *
 * @param skips The encoder's stages, highest resolution first.
 * @returns Logits, highest resolution first.
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

/**
 * Builds the decoder of nnU-Net's U-Nets, with the parameter names of PyTorch's state dict.
 *
 * @see MIC-DKFZ/dynamic-network-architectures building_blocks/{unet_decoder,unet_residual_decoder}.py
 */

import type { Shape } from "../array/nd_array.ts";
import type { Value } from "../graph/graph.ts";
import { concat, conv, convTranspose } from "../graph/operators.ts";
import type { Architecture } from "../files/plans.ts";
import { blockStyle, convBlock, heNormal } from "./conv_block.ts";
import type { ParameterSource, TrainingMode } from "./network.ts";
import { residualBlock } from "./residual_block.ts";

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

/**
 * Applies the decoder. Each level, lowest resolution first, has a transposed convolution whose
 * kernel equals its stride, concatenation [upsampled, skip], convolutions or, in upstream's
 * `ResidualUNet`, residual blocks, and a 1×1×1 head.
 *
 * @param architecture The plan's architecture.
 * @param options The network's outputs.
 * @param parameter Returns parameters by name.
 * @param skips Outputs of the encoder's stages, (n, features, …spatial), highest resolution first.
 * @param training What the network is given in a training step.
 * @returns Logits, (n, heads, …spatial), highest resolution first.
 *
 * @example A custom encoder before nnU-Net's decoder
 * ```ts ignore
 * const network: Network = (image, parameter, training) => {
 *   const skips = encode(image, parameter);
 *   return decode(architecture, { heads: 3, deepSupervision: true }, parameter, skips, training);
 * };
 * ```
 */
export function decode(
  architecture: Architecture,
  { heads, deepSupervision }: UNetOptions,
  parameter: ParameterSource,
  skips: readonly Value[],
  training?: TrainingMode,
): Value[] {
  const { featuresPerStage, kernelSizes, strides, convsPerStageDecoder } = architecture;
  const style = blockStyle(architecture, training);
  const isResidual = architecture.networkClassName.endsWith(".ResidualUNet");
  const logits: Value[] = [];
  const levels = skips.length - 1;
  let x = skips[levels];
  for (let level = 0; level < levels; level++) {
    const stage = levels - 1 - level;
    const features = featuresPerStage[stage];
    x = upsample(parameter, `decoder.transpconvs.${level}`, x, {
      features,
      strides: strides[stage + 1],
      bias: style.bias,
    });
    x = concat([x, skips[stage]], 1);
    for (let i = 0; i < convsPerStageDecoder[level]; i++) {
      const name = `decoder.stages.${level}`;
      const block = { ...style, features, kernel: kernelSizes[stage] };
      x = isResidual
        ? residualBlock(parameter, `${name}.blocks.${i}`, x, block)
        : convBlock(parameter, `${name}.convs.${i}`, x, block);
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
  { features, strides, bias: hasBias = true }: {
    readonly features: number;
    readonly strides: Shape;
    readonly bias?: boolean;
  },
): Value {
  const weight = parameter(`${name}.weight`, [x.shape[1], features, ...strides], heNormal);
  const bias = hasBias ? parameter(`${name}.bias`, [features], 0) : null;
  return convTranspose(x, weight, bias, { strides });
}

function head(parameter: ParameterSource, name: string, x: Value, heads: number): Value {
  const kernel = x.shape.slice(2).map(() => 1);
  const weight = parameter(`${name}.weight`, [heads, x.shape[1], ...kernel], heNormal);
  const bias = parameter(`${name}.bias`, [heads], 0);
  return conv(x, weight, bias);
}

/**
 * nnU-Net's plain U-Net, 2D and 3D, from a plan's architecture.
 *
 * @see Isensee et al. 2021, nnU-Net, Online Methods
 * @see MIC-DKFZ/dynamic-network-architectures architectures/unet.py PlainConvUNet
 */

import type { Shape } from "../array/nd_array.ts";
import type { Value } from "../graph/graph.ts";
import { concat, conv, convTranspose, instanceNorm, leakyRelu } from "../graph/operators.ts";
import type { Architecture } from "../planning/plans.ts";
import type { Network, ParameterSource } from "./network.ts";

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

/**
 * The U-Net of an architecture.
 *
 * Encoder: per stage convolutions, each followed by instance normalisation and leaky ReLU, the
 * first one strided. Decoder: transposed convolution with kernel = stride, concatenation
 * [upsampled, skip], convolutions, and a 1×1×1 head.
 */
export function plainUNet(architecture: Architecture, options: UNetOptions): Network {
  const { featuresPerStage, kernelSizes, strides, convsPerStage, convsPerStageDecoder } =
    architecture;
  return (image, parameter) => {
    const skips: Value[] = [];
    let x = image;
    featuresPerStage.forEach((features, stage) => {
      for (let i = 0; i < convsPerStage[stage]; i++) {
        const name = `encoder.stages.${stage}.0.convs.${i}`;
        const stride = i === 0 ? strides[stage] : strides[stage].map(() => 1);
        x = convNormRelu(parameter, name, x, features, kernelSizes[stage], stride);
      }
      skips.push(x);
    });

    const heads: Value[] = [];
    const levels = featuresPerStage.length - 1;
    for (let level = 0; level < levels; level++) {
      const stage = levels - 1 - level;
      const skip = skips[stage];
      const features = featuresPerStage[stage];
      x = upsample(parameter, `decoder.transpconvs.${level}`, x, features, strides[stage + 1]);
      x = concat([x, skip], 1);
      for (let i = 0; i < convsPerStageDecoder[level]; i++) {
        const name = `decoder.stages.${level}.convs.${i}`;
        const stride = kernelSizes[stage].map(() => 1);
        x = convNormRelu(parameter, name, x, features, kernelSizes[stage], stride);
      }
      if (options.deepSupervision || level === levels - 1) {
        heads.push(head(parameter, `decoder.seg_layers.${level}`, x, options.heads));
      }
    }
    return heads.reverse();
  };
}

function convNormRelu(
  parameter: ParameterSource,
  name: string,
  x: Value,
  features: number,
  kernel: Shape,
  strides: Shape,
): Value {
  const weight = parameter(`${name}.conv.weight`, [features, x.shape[1], ...kernel], heNormal);
  const bias = parameter(`${name}.conv.bias`, [features], 0);
  const margin = kernel.map((extent) => (extent - 1) / 2);
  const convolved = conv(x, weight, bias, { strides, pads: [...margin, ...margin] });
  const scale = parameter(`${name}.norm.weight`, [features], 1);
  const shift = parameter(`${name}.norm.bias`, [features], 0);
  return leakyRelu(instanceNorm(convolved, scale, shift, EPSILON), SLOPE);
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

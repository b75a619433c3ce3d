/**
 * Builds nnU-Net's U-Net with a residual encoder, 2D or 3D, from a plan's architecture.
 *
 * @see Isensee et al. 2024, nnU-Net Revisited
 * @see He et al. 2019, Bag of Tricks for Image Classification, ResNet-D
 * @see MIC-DKFZ/dynamic-network-architectures architectures/unet.py ResidualEncoderUNet,
 * building_blocks/{residual_encoders,residual}.py
 */

import type { Shape } from "../array/nd_array.ts";
import type { Value } from "../graph/graph.ts";
import { add, averagePool } from "../graph/operators.ts";
import type { Architecture } from "../files/plans.ts";
import type { Network, ParameterSource } from "./network.ts";
import { activate, convNorm, decode, type UNetOptions } from "./unet_parts.ts";

/** Options of one residual block. */
interface BlockOptions {
  readonly features: number;
  readonly kernel: Shape;
  readonly stride: Shape;
}

/**
 * Returns the residual-encoder U-Net of an architecture, whose `convsPerStage` counts blocks.
 *
 * The encoder is a stem of one convolution, followed by stages of residual blocks, the first of
 * each strided. The decoder is that of the plain U-Net.
 */
export function residualEncoderUNet(architecture: Architecture, options: UNetOptions): Network {
  const { featuresPerStage, kernelSizes, strides, convsPerStage } = architecture;
  return (image, parameter) => {
    const stem = { features: featuresPerStage[0], kernel: kernelSizes[0] };
    let x = activate(convNorm(parameter, "encoder.stem.convs.0", image, stem));
    const skips = featuresPerStage.map((features, stage) => {
      for (let i = 0; i < convsPerStage[stage]; i++) {
        x = residualBlock(parameter, `encoder.stages.${stage}.blocks.${i}`, x, {
          features,
          kernel: kernelSizes[stage],
          stride: i === 0 ? strides[stage] : strides[stage].map(() => 1),
        });
      }
      return x;
    });
    return decode(architecture, options, parameter, skips);
  };
}

/**
 * Adds two convolutions, the first strided and activated, to a shortcut. The shortcut is average-
 * pooled if the block is strided, and projected by a 1×1×1 convolution if the number of features
 * changes.
 *
 * The second normalisation's scale starts at 0, so that a block initially equals its shortcut.
 */
function residualBlock(
  parameter: ParameterSource,
  name: string,
  x: Value,
  { features, kernel, stride }: BlockOptions,
): Value {
  const first = convNorm(parameter, `${name}.conv1`, x, { features, kernel, stride });
  const second = convNorm(parameter, `${name}.conv2`, activate(first), {
    features,
    kernel,
    initialScale: 0,
  });
  const strided = stride.some((n) => n !== 1);
  let shortcut = strided ? averagePool(x, stride) : x;
  if (x.shape[1] !== features) {
    // In upstream's sequence of modules, the projection follows the pooling, if any.
    shortcut = convNorm(parameter, `${name}.skip.${strided ? 1 : 0}`, shortcut, {
      features,
      kernel: kernel.map(() => 1),
      bias: false,
    });
  }
  return activate(add(second, shortcut));
}

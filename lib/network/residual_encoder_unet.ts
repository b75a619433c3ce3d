/**
 * Builds nnU-Net's U-Nets with a residual encoder, 2D or 3D, from a plan's architecture.
 *
 * @see Isensee et al. 2024, nnU-Net Revisited
 * @see MIC-DKFZ/dynamic-network-architectures architectures/unet.py ResidualEncoderUNet and
 * ResidualUNet, building_blocks/residual_encoders.py
 */

import type { Architecture } from "../files/plans.ts";
import { blockStyle, convBlock } from "./conv_block.ts";
import type { Network } from "./network.ts";
import { residualBlock } from "./residual_block.ts";
import { decode, type UNetOptions } from "./unet_parts.ts";

/**
 * Returns the residual U-Net of an architecture, whose `convsPerStage` counts blocks.
 *
 * The encoder is a stem of one convolution, followed by stages of residual blocks, the first of
 * each strided. The decoder is that of the plain U-Net or, in upstream's `ResidualUNet`, has residual
 * blocks as well.
 */
export function residualEncoderUNet(architecture: Architecture, options: UNetOptions): Network {
  const { featuresPerStage, kernelSizes, strides, convsPerStage } = architecture;
  const { stemFeatures = featuresPerStage[0], bottleneckFeatures } = architecture;
  return (image, parameter, training) => {
    const style = blockStyle(architecture, training);
    const stem = { ...style, features: stemFeatures, kernel: kernelSizes[0] };
    let x = convBlock(parameter, "encoder.stem.convs.0", image, stem);
    const skips = featuresPerStage.map((features, stage) => {
      for (let i = 0; i < convsPerStage[stage]; i++) {
        x = residualBlock(parameter, `encoder.stages.${stage}.blocks.${i}`, x, {
          ...style,
          features,
          kernel: kernelSizes[stage],
          stride: i === 0 ? strides[stage] : undefined,
          bottleneck: bottleneckFeatures?.[stage],
        });
      }
      return x;
    });
    return decode(architecture, options, parameter, skips, training);
  };
}

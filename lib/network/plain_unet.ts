/**
 * Builds nnU-Net's plain U-Net, 2D or 3D, from a plan's architecture.
 *
 * @see Isensee et al. 2021, nnU-Net, Online Methods
 * @see MIC-DKFZ/dynamic-network-architectures architectures/unet.py PlainConvUNet
 */

import type { Value } from "../graph/graph.ts";
import type { Architecture } from "../files/plans.ts";
import type { Network } from "./network.ts";
import { blockStyle, convBlock } from "./conv_block.ts";
import { decode, type UNetOptions } from "./unet_parts.ts";

/**
 * Returns the U-Net of an architecture.
 *
 * Each encoder stage has convolutions, the first of them strided, each followed by its
 * normalisation and nonlinearity. For the decoder, see {@link decode}.
 */
export function plainUNet(architecture: Architecture, options: UNetOptions): Network {
  const { featuresPerStage, kernelSizes, strides, convsPerStage } = architecture;
  return (image, parameter, training) => {
    const style = blockStyle(architecture, training);
    const skips: Value[] = [];
    let x = image;
    featuresPerStage.forEach((features, stage) => {
      for (let i = 0; i < convsPerStage[stage]; i++) {
        const name = `encoder.stages.${stage}.0.convs.${i}`;
        x = convBlock(parameter, name, x, {
          ...style,
          features,
          kernel: kernelSizes[stage],
          stride: i === 0 ? strides[stage] : undefined,
        });
      }
      skips.push(x);
    });
    return decode(architecture, options, parameter, skips, training);
  };
}

/**
 * How much memory training a U-Net takes, in the planner's own unit.
 *
 * @see `compute_conv_feature_map_size` in MIC-DKFZ/dynamic-network-architectures@d35f85c7
 */

import { type Shape, sizeOf } from "../array/nd_array.ts";
import { type Architecture, RESIDUAL_ENCODER_UNET } from "../files/plans.ts";

/**
 * Elements of all convolution outputs for one patch: encoder, decoder (transposed convolutions,
 * too) and the segmentation head of full resolution.
 *
 * The input does not count, nor do the heads of deep supervision.
 *
 * @param patchSize Voxels per axis.
 * @param outputChannels Channels of the segmentation head.
 */
export function estimateMemory(
  architecture: Architecture,
  patchSize: Shape,
  outputChannels: number,
): number {
  const { featuresPerStage, strides, convsPerStage, convsPerStageDecoder } = architecture;
  const isResidual = architecture.networkClassName === RESIDUAL_ENCODER_UNET;
  const bottleneck = strides.length - 1;
  let size = patchSize;
  let elements = isResidual ? featuresPerStage[0] * sizeOf(patchSize) : 0; // The stem.
  strides.forEach((stride, stage) => {
    size = size.map((extent, axis) => Math.floor(extent / stride[axis]));
    // A residual block has two convolutions, and one more to skip them where its input is another
    // shape, as in the first block of every stage but the first.
    const convs = isResidual ? 2 * convsPerStage[stage] + Math.min(stage, 1) : convsPerStage[stage];
    let maps = featuresPerStage[stage] * convs;
    if (stage < bottleneck) {
      // The decoder lists its stages from the bottleneck upwards.
      const convs = convsPerStageDecoder[bottleneck - 1 - stage];
      maps += featuresPerStage[stage] * (convs + 1);
      if (stage === 0) maps += outputChannels;
    }
    elements += maps * sizeOf(size);
  });
  return elements;
}

/**
 * Counts the elements of a network's feature maps, the planner's measure of training cost.
 *
 * nnU-Net compares this count with that of a reference network measured to fit a GPU. It is not an
 * estimate in bytes.
 *
 * @see `compute_conv_feature_map_size` in MIC-DKFZ/dynamic-network-architectures@d35f85c7
 */

import { type Shape, sizeOf } from "../array/nd_array.ts";
import { type Architecture, RESIDUAL_ENCODER_UNET } from "../files/plans.ts";

/**
 * Counts the elements of all convolution outputs for one patch: the encoder's, the decoder's
 * (transposed convolutions included) and those of the segmentation head at full resolution.
 *
 * The input and the heads of deep supervision are not counted.
 *
 * @param patchSize Voxels per axis.
 * @param outputChannels Channels of the segmentation head.
 * @returns The number of elements, for comparison with a preset's `referenceElements`.
 */
export function featureMapElements(
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
    // A residual block has two convolutions, and one more in its shortcut if its input has another
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

/** Chooses the residual-encoder U-Net for a topology. */

import { stageFeatures } from "./plain_unet.ts";
import { type Architecture, RESIDUAL_ENCODER_UNET } from "../files/plans.ts";
import type { Topology } from "./topology.ts";

/** Residual blocks of the first encoder stages; later stages have as many as the last. */
const blocksPerStage = [1, 3, 4, 6];

/**
 * Returns the network of nnU-Net's residual presets: a deep encoder of residual blocks, and a decoder
 * with one convolution per stage.
 *
 * @param baseFeatures Features of the first stage.
 * @see MIC-DKFZ/nnUNet documentation/resenc_presets.md
 */
export function residualEncoderUnet(
  { strides, kernelSizes }: Pick<Topology, "strides" | "kernelSizes">,
  baseFeatures: number,
): Architecture {
  const dimensions = strides[0].length === 2 ? 2 : 3;
  return {
    networkClassName: RESIDUAL_ENCODER_UNET,
    dimensions,
    featuresPerStage: stageFeatures(strides.length, dimensions, baseFeatures),
    kernelSizes,
    strides,
    convsPerStage: strides.map((_, stage) => blocksPerStage[Math.min(stage, 3)]),
    convsPerStageDecoder: strides.slice(1).map(() => 1),
  };
}

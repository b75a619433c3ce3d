/** Chooses the plain U-Net for a topology. */

import { type Architecture, PLAIN_UNET } from "../files/plans.ts";
import type { Topology } from "./topology.ts";

const CONVS_PER_STAGE = 2;
/** Features double with every stage, up to this number. */
const maxFeatures = { 2: 512, 3: 320 } as const;

/**
 * Returns nnU-Net's default network: two convolutions per encoder and decoder stage.
 *
 * @param baseFeatures Features of the first stage.
 */
export function plainUnet(
  { strides, kernelSizes }: Pick<Topology, "strides" | "kernelSizes">,
  baseFeatures: number,
): Architecture {
  const dimensions = strides[0].length === 2 ? 2 : 3;
  const convsPerStage = strides.map(() => CONVS_PER_STAGE);
  return {
    networkClassName: PLAIN_UNET,
    dimensions,
    featuresPerStage: stageFeatures(strides.length, dimensions, baseFeatures),
    kernelSizes,
    strides,
    convsPerStage,
    convsPerStageDecoder: convsPerStage.slice(1),
  };
}

/** Returns the features of each stage, which double up to a limit. */
export function stageFeatures(stages: number, dimensions: 2 | 3, baseFeatures: number): number[] {
  return Array.from(
    { length: stages },
    (_, stage) => Math.min(maxFeatures[dimensions], baseFeatures * 2 ** stage),
  );
}

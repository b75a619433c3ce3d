/** The plain U-Net that goes with a topology. */

import type { Architecture } from "./plans.ts";
import type { Topology } from "./topology.ts";

const CONVS_PER_STAGE = 2;
/** Features double with every stage up to here. */
const maxFeatures = { 2: 512, 3: 320 } as const;

/**
 * nnU-Net's default network: two convolutions a stage on either side.
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
    networkClassName: "dynamic_network_architectures.architectures.unet.PlainConvUNet",
    dimensions,
    featuresPerStage: strides.map((_, stage) =>
      Math.min(maxFeatures[dimensions], baseFeatures * 2 ** stage)
    ),
    kernelSizes,
    strides,
    convsPerStage,
    convsPerStageDecoder: convsPerStage.slice(1),
  };
}

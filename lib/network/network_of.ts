/** Builds the network that a plan names. */

import type { Architecture } from "../files/plans.ts";
import type { Network } from "./network.ts";
import { plainUNet } from "./plain_unet.ts";
import { residualEncoderUNet } from "./residual_encoder_unet.ts";
import type { UNetOptions } from "./unet_parts.ts";

/** Networks by upstream's class name without its module, which has changed over time. */
const networks: Readonly<
  Record<string, (architecture: Architecture, options: UNetOptions) => Network>
> = {
  PlainConvUNet: plainUNet,
  ResidualEncoderUNet: residualEncoderUNet,
  ResidualUNet: residualEncoderUNet,
};

/**
 * Returns the network of an architecture.
 *
 * @param architecture The plan's architecture.
 * @param options The network's outputs.
 * @returns The network, a function that builds its outputs in a graph.
 * @throws {RangeError} If the architecture's class is none of the U-Nets.
 *
 * @example A plain U-Net of two stages
 * ```ts
 * import assert from "node:assert/strict";
 * import { countParameters, networkOf, parametersOf } from "nnunet/parts";
 *
 * const network = networkOf({
 *   networkClassName: "dynamic_network_architectures.architectures.unet.PlainConvUNet",
 *   dimensions: 2,
 *   featuresPerStage: [4, 8],
 *   kernelSizes: [[3, 3], [3, 3]],
 *   strides: [[1, 1], [2, 2]],
 *   convsPerStage: [2, 2],
 *   convsPerStageDecoder: [2],
 * }, { heads: 3, deepSupervision: false });
 * const parameters = parametersOf(network, [1, 1, 16, 16]);
 * assert.equal(parameters.at(-1)!.name, "decoder.seg_layers.0.bias");
 * assert.ok(countParameters(parameters) > 1000);
 * ```
 */
export function networkOf(architecture: Architecture, options: UNetOptions): Network {
  const className = architecture.networkClassName.split(".").at(-1)!;
  if (!Object.hasOwn(networks, className)) {
    throw new RangeError(
      `Cannot build the network: found class ${architecture.networkClassName}, expected ` +
        Object.keys(networks).join(" or "),
    );
  }
  return networks[className](architecture, options);
}

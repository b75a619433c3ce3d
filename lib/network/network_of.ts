/** Builds the network that a plan names. */

import type { Architecture } from "../files/plans.ts";
import type { Network } from "./network.ts";
import { plainUNet } from "./plain_unet.ts";
import { primus, primusModels } from "./primus.ts";
import { residualEncoderUNet } from "./residual_encoder_unet.ts";
import type { UNetOptions } from "./unet_parts.ts";

type NetworkOf = (architecture: Architecture, options: UNetOptions) => Network;

const unets: Readonly<Record<string, NetworkOf>> = {
  PlainConvUNet: plainUNet,
  ResidualEncoderUNet: residualEncoderUNet,
  ResidualUNet: residualEncoderUNet,
};

/** Networks by upstream's class name without its module, which has changed over time. */
const networks: Readonly<Record<string, NetworkOf>> = {
  ...unets,
  ...Object.fromEntries(
    primusModels.entries().map(([name, model]): [string, NetworkOf] => [
      name,
      (_, { heads }) => primus({ ...model, heads }),
    ]),
  ),
};

/**
 * Returns the network of an architecture.
 *
 * @param architecture The plan's architecture.
 * @param options The network's outputs.
 * @returns The network, a function that builds its outputs in a graph.
 * @throws {RangeError} If the architecture's class is unknown.
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
        `${Object.keys(unets).join(", ")} or a Primus, such as PrimusM`,
    );
  }
  return networks[className](architecture, options);
}

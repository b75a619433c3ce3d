/** The network that a plan names. */

import type { Architecture } from "../files/plans.ts";
import type { Network } from "./network.ts";
import { plainUNet } from "./plain_unet.ts";
import { residualEncoderUNet } from "./residual_encoder_unet.ts";
import type { UNetOptions } from "./unet_parts.ts";

/** By upstream's class without its module, which has moved over the years. */
const networks: Readonly<
  Record<string, (architecture: Architecture, options: UNetOptions) => Network>
> = {
  PlainConvUNet: plainUNet,
  ResidualEncoderUNet: residualEncoderUNet,
};

/**
 * The network of an architecture.
 *
 * @throws {RangeError} If it is of a class that is neither of the U-Nets.
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

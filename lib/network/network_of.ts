/** Builds the network that a plan names. */

import type { Architecture } from "../files/plans.ts";
import type { Network } from "./network.ts";
import { plainUNet } from "./plain_unet.ts";
import { residualEncoderUNet } from "./residual_encoder_unet.ts";
import type { UNetOptions } from "./unet_parts.ts";

/** Keyed by upstream's class name without its module, which has changed over time. */
const networks: Readonly<
  Record<string, (architecture: Architecture, options: UNetOptions) => Network>
> = {
  PlainConvUNet: plainUNet,
  ResidualEncoderUNet: residualEncoderUNet,
};

/**
 * Returns the network of an architecture.
 *
 * @throws {RangeError} If its class is neither of the U-Nets.
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

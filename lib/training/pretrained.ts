/**
 * Initialises a network with weights that were trained for another task.
 *
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/run/load_pretrained_weights.py
 */

import { sameShape, sizeOf } from "../array/nd_array.ts";
import type { NnunetCheckpoint } from "../interop/nnunet_checkpoint.ts";
import type { ParameterSpec } from "../network/network.ts";

/**
 * Replaces initial weights by a checkpoint's. It must have all parameters except those of the
 * segmentation heads, which keep their initial values even if the checkpoint's would fit.
 *
 * @param fresh Initial values of all parameters, as one flat vector; it is not modified.
 * @returns A new vector of all parameters.
 * @throws {TypeError} If a parameter is missing or has another shape.
 */
export function withPretrained(
  { networkWeights }: Pick<NnunetCheckpoint, "networkWeights">,
  parameters: readonly ParameterSpec[],
  fresh: Float32Array<ArrayBuffer>,
): Float32Array<ArrayBuffer> {
  const weights = fresh.slice();
  let offset = 0;
  for (const { name, shape } of parameters) {
    const start = offset;
    offset += sizeOf(shape);
    if (name.includes(".seg_layers.")) continue;
    const found = networkWeights.get(name);
    if (!found || !sameShape(found.shape, shape)) {
      throw new TypeError(
        `Cannot start from pretrained weights: ${
          found ? `${name} has shape [${found.shape}]` : `they have no ${name}`
        }, expected shape [${shape}] as in the network to train`,
      );
    }
    weights.set(found.data, start);
  }
  return weights;
}

/**
 * Starting from weights that were trained for something else.
 *
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/run/load_pretrained_weights.py
 */

import { sameShape, sizeOf } from "../array/nd_array.ts";
import type { NnunetCheckpoint } from "../interop/nnunet_checkpoint.ts";
import type { ParameterSpec } from "../network/network.ts";

/**
 * Puts a checkpoint's weights in the place of fresh ones. All but the segmentation heads have to be
 * there; the heads stay fresh, even where they would fit.
 *
 * @param fresh Starting values of all parameters, one after the other; left as they are.
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
        `Cannot start from pretrained weights: ${name} has ${
          found ? `shape [${found.shape}]` : "nothing of that name"
        }, expected [${shape}] as in the network to train`,
      );
    }
    weights.set(found.data, start);
  }
  return weights;
}

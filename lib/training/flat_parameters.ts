/** All parameters of a network as one vector, and by their names. */

import { type NdArray, sizeOf } from "../array/nd_array.ts";
import { countParameters, type ParameterSpec } from "../network/network.ts";

/** A flat vector cut into parameters. */
export function parametersByName(
  parameters: readonly ParameterSpec[],
  vector: Float32Array<ArrayBuffer>,
): Map<string, NdArray<Float32Array<ArrayBuffer>>> {
  let offset = 0;
  return new Map(parameters.map(({ name, shape }) => {
    const data = vector.subarray(offset, offset += sizeOf(shape));
    return [name, { shape, data }];
  }));
}

/**
 * Parameters laid end to end.
 *
 * @param optional Whether a missing one is zeros (a momentum that never moved).
 * @throws {TypeError} If one is missing or has another shape.
 */
export function parametersEndToEnd(
  parameters: readonly ParameterSpec[],
  byName: ReadonlyMap<string, NdArray>,
  optional = false,
): Float32Array<ArrayBuffer> {
  const vector = new Float32Array(countParameters(parameters));
  let offset = 0;
  for (const { name, shape } of parameters) {
    const found = byName.get(name);
    if (found && `${found.shape}` === `${shape}`) vector.set(found.data, offset);
    else if (found || !optional) {
      throw new TypeError(
        `Cannot use the checkpoint: ${name} has shape [${
          found?.shape ?? "nothing of that name"
        }], ` +
          `expected [${shape}]`,
      );
    }
    offset += sizeOf(shape);
  }
  return vector;
}

/** Converts a network's parameters between one flat vector and arrays by name. */

import { type NdArray, sizeOf } from "../../array/nd_array.ts";
import { countParameters, type ParameterSpec } from "../../network/network.ts";

/** Splits a flat vector into the parameters that it holds; the arrays are views of it. */
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
 * Concatenates parameters into one flat vector, in the order of `parameters`.
 *
 * @param optional Whether a missing parameter counts as zeros, as for momentum before the first
 * step.
 * @throws {TypeError} If a parameter is missing or has another shape.
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
        `Cannot use the checkpoint: ${
          found ? `${name} has shape [${found.shape}]` : `it has no ${name}`
        }, expected shape [${shape}]`,
      );
    }
    offset += sizeOf(shape);
  }
  return vector;
}

/** One broken voxel would spread over its whole image by normalisation, so none is let in. */

import { areFinite } from "../array/float_statistics.ts";

/**
 * Does nothing if every intensity is a finite number.
 *
 * @throws {RangeError} If one is NaN or infinite, saying how many are.
 */
export function requireFinite(values: Float32Array): void {
  if (areFinite(values)) return;
  const broken = values.reduce((count, value) => Number.isFinite(value) ? count : count + 1, 0);
  throw new RangeError(
    `Cannot use image: ${broken} of its ${values.length} values are NaN or infinite, ` +
      "expected finite numbers",
  );
}

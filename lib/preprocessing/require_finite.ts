/** Rejects images with NaN or infinite values, which normalisation would spread to all voxels. */

import { areFinite } from "../array/float_statistics.ts";

/**
 * Checks that every intensity is a finite number.
 *
 * @throws {RangeError} If any is NaN or infinite; the message says how many.
 */
export function requireFinite(values: Float32Array): void {
  if (areFinite(values)) return;
  const broken = values.reduce((count, value) => Number.isFinite(value) ? count : count + 1, 0);
  throw new RangeError(
    `Cannot use image: ${broken} of its ${values.length} values are NaN or infinite, ` +
      "expected finite numbers",
  );
}

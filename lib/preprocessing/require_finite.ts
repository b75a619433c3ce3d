/** One broken voxel would spread over its whole image by normalisation, so none is let in. */

/**
 * Does nothing if every intensity is a finite number.
 *
 * @throws {RangeError} If one is NaN or infinite, saying how many are.
 */
export function requireFinite(values: Float32Array): void {
  let broken = 0;
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) broken++;
  if (broken > 0) {
    throw new RangeError(
      `Cannot use image: ${broken} of its ${values.length} values are NaN or infinite, ` +
        "expected finite numbers",
    );
  }
}

/** One broken voxel would spread over its whole image by normalisation, so none is let in. */

/**
 * Does nothing if every intensity is a finite number.
 *
 * @throws {RangeError} If one is NaN or infinite, saying how many are.
 */
export function requireFinite(values: Float32Array): void {
  if (allFinite(values)) return;
  let broken = 0;
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) broken++;
  if (broken > 0) {
    throw new RangeError(
      `Cannot use image: ${broken} of its ${values.length} values are NaN or infinite, ` +
        "expected finite numbers",
    );
  }
}

/** Zero times anything finite adds nothing; four sums, as each would wait for its own last step. */
function allFinite(values: Float32Array): boolean {
  let [a, b, c, d] = [0, 0, 0, 0];
  const end = values.length & ~3;
  for (let i = 0; i < end; i += 4) {
    a += values[i] * 0;
    b += values[i + 1] * 0;
    c += values[i + 2] * 0;
    d += values[i + 3] * 0;
  }
  for (let i = end; i < values.length; i++) a += values[i] * 0;
  return a + b + c + d === 0;
}

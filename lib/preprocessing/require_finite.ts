/** One broken voxel would spread over its whole image by normalisation, so none is let in. */

/** Bits of a float32 without its sign. */
const MAGNITUDE = 0x7fffffff;
/** Magnitude of infinity; what is not a number lies above. */
const INFINITE = 0x7f800000;

/**
 * Does nothing if every intensity is a finite number.
 *
 * @throws {RangeError} If one is NaN or infinite, saying how many are.
 */
export function requireFinite(values: Float32Array): void {
  // As integers: twice as fast as Number.isFinite(), and sums of floats were now and then put into
  // objects one by one by the compiler, which took thirty times as long.
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
  let broken = 0;
  for (let i = 0; i < bits.length; i++) if ((bits[i] & MAGNITUDE) >= INFINITE) broken++;
  if (broken > 0) {
    throw new RangeError(
      `Cannot use image: ${broken} of its ${values.length} values are NaN or infinite, ` +
        "expected finite numbers",
    );
  }
}

/** Results of nnU-Net on small arrays; see tests/golden/preprocessing.py. */

import assert from "node:assert/strict";
import golden from "../golden/preprocessing.json" with { type: "json" };

export { golden };

/** An array as stored in the golden file. */
export interface Written {
  readonly shape: number[];
  readonly data: number[];
}

export function floats({ shape, data }: Written) {
  return { shape, data: Float32Array.from(data) };
}

export function labels({ shape, data }: Written) {
  return { shape, data: Int16Array.from(data) };
}

/** Largest difference allowed: golden values have six decimals, ours are float32. */
const TOLERANCE = 1e-5;

export function assertClose(
  actual: { shape: readonly number[]; data: Float32Array },
  expected: Written,
  message = "Values",
) {
  assert.deepEqual(actual.shape, expected.shape, message);
  expected.data.forEach((value, i) => {
    const error = Math.abs(actual.data[i] - value);
    const allowed = TOLERANCE * Math.max(1, Math.abs(value));
    assert.ok(error <= allowed, `${message}: element ${i} is ${actual.data[i]}, expected ${value}`);
  });
}

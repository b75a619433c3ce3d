/** How TIFF's numbers that were stored as differences are made numbers again. */

import type { VoxelType } from "./voxels.ts";

/** How the numbers of a tile lie. */
export interface PredictedRows {
  readonly type: VoxelType;
  /** Pixels a row. */
  readonly columns: number;
  /** Numbers a pixel. */
  readonly beside: number;
  /** Named in errors. */
  readonly path: string;
}

/**
 * Sums up differences to left neighbours, in place.
 *
 * @param numbers Whole rows, low bytes first.
 * @throws {TypeError} If they are no integers of at most 32 bits.
 */
export function sumDifferences(
  numbers: Uint8Array<ArrayBuffer>,
  { type, columns, beside, path }: PredictedRows,
): void {
  if (type.bytes === 8 || isFloat(type)) {
    throw new TypeError(
      `Cannot read ${path}: numbers are differences of ${type.name}, ` +
        "expected integers of at most 32 bits",
    );
  }
  const row = columns * beside;
  const values = type.view(numbers.buffer, 0, numbers.length / type.bytes);
  for (let i = 0; i < values.length; i++) {
    if (i % row >= beside) values[i] += values[i - beside]; // Wraps as it did when written.
  }
}

/**
 * Puts floats together. A row has the first bytes of all its numbers, then all second bytes and so
 * on, high bytes first whatever the file's order, each as its difference to the one before.
 *
 * @param bytes Whole rows; overwritten.
 * @returns The numbers, low bytes first.
 * @throws {TypeError} If they are no floats.
 * @see Adobe Photoshop TIFF Technical Note 3, 2005
 */
export function joinFloats(
  bytes: Uint8Array,
  { type, columns, beside, path }: PredictedRows,
): Uint8Array {
  if (!isFloat(type)) {
    throw new TypeError(
      `Cannot read ${path}: predictor 3 stands before ${type.name}, expected floats`,
    );
  }
  const count = columns * beside;
  const rowBytes = count * type.bytes;
  const numbers = new Uint8Array(bytes.length);
  for (let start = 0; start < bytes.length; start += rowBytes) {
    const row = bytes.subarray(start, start + rowBytes);
    for (let i = beside; i < rowBytes; i++) row[i] += row[i - beside];
    for (let i = 0; i < rowBytes; i++) {
      const byte = type.bytes - 1 - Math.floor(i / count);
      numbers[start + (i % count) * type.bytes + byte] = row[i];
    }
  }
  return numbers;
}

function isFloat({ name }: VoxelType): boolean {
  return name.startsWith("float");
}

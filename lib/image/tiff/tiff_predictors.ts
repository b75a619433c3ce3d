/** Undoes TIFF's predictors, which store numbers as differences. */

import type { VoxelType } from "../voxels.ts";

/** Layout of a tile's numbers. */
export interface PredictedRows {
  readonly type: VoxelType;
  /** Pixels per row. */
  readonly columns: number;
  /** Adjacent numbers per pixel. */
  readonly adjacent: number;
  /** Path for error messages. */
  readonly path: string;
}

/**
 * Undoes predictor 2 in place by summing differences to left neighbours.
 *
 * @param numbers Whole rows, little-endian.
 * @throws {TypeError} If they are not integers of at most 32 bits.
 */
export function sumDifferences(
  numbers: Uint8Array<ArrayBuffer>,
  { type, columns, adjacent, path }: PredictedRows,
): void {
  if (type.bytes === 8 || isFloat(type)) {
    throw new TypeError(
      `Cannot read ${path}: predictor is 2 for ${type.name}, ` +
        "expected integers of at most 32 bits",
    );
  }
  const row = columns * adjacent;
  const values = type.view(numbers.buffer, 0, numbers.length / type.bytes);
  for (let i = 0; i < values.length; i++) {
    if (i % row >= adjacent) values[i] += values[i - adjacent]; // Wraps around as when written.
  }
}

/**
 * Undoes predictor 3 of floats. A row has the highest bytes of all its numbers, then the second
 * highest and so on, whatever the file's byte order, each as the difference to the previous byte of
 * the same sample.
 *
 * @param bytes Whole rows; overwritten.
 * @returns The numbers, little-endian.
 * @throws {TypeError} If they are not floats.
 * @see Adobe Photoshop TIFF Technical Note 3, 2005
 */
export function joinFloats(
  bytes: Uint8Array,
  { type, columns, adjacent, path }: PredictedRows,
): Uint8Array {
  if (!isFloat(type)) {
    throw new TypeError(
      `Cannot read ${path}: predictor is 3 for ${type.name}, expected floats`,
    );
  }
  const count = columns * adjacent;
  const rowBytes = count * type.bytes;
  const numbers = new Uint8Array(bytes.length);
  for (let start = 0; start < bytes.length; start += rowBytes) {
    const row = bytes.subarray(start, start + rowBytes);
    for (let i = adjacent; i < rowBytes; i++) row[i] += row[i - adjacent];
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

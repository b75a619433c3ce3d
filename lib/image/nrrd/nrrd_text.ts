/** Reads voxels that NRRD files store as text. */

import { requireBytes, type StoredVoxels } from "../file_content.ts";
import { type VoxelType, voxelTypes } from "../voxels.ts";

/** The type in which numbers of a type are kept when they are read from text. */
export function typeOfText(type: VoxelType): VoxelType {
  return type.bytes === 8 ? voxelTypes.float64 : type;
}

/**
 * Parses the first numbers of a text, separated by white space. 64-bit integers become float64,
 * which is exact up to 2⁵³.
 *
 * @returns The numbers as bytes, and their type.
 * @throws {RangeError} If there are fewer than `count`; a text too short for them is rejected
 * before memory is allocated.
 * @throws {TypeError} If any of them is not a finite number.
 */
export function readNumbers(
  text: Uint8Array,
  count: number,
  type: VoxelType,
  path: string,
): StoredVoxels {
  requireBytes(text.length, 2 * count - 1, path); // At least one digit each, separated by spaces.
  const stored = typeOfText(type);
  const bytes = new Uint8Array(count * stored.bytes);
  const values = stored.view(bytes.buffer, 0, count);
  let found = 0;
  for (const [word] of new TextDecoder().decode(text).matchAll(/\S+/g)) {
    if (found === count) break;
    const value = Number(word);
    if (!Number.isFinite(value)) {
      throw new TypeError(
        `Cannot read ${path}: found "${word.slice(0, 20)}" among its voxels, ` +
          "expected finite numbers",
      );
    }
    values[found++] = value;
  }
  if (found === count) return { bytes, type: stored };
  throw new RangeError(
    `Cannot read ${path}: file is cut short, found ${found} numbers, expected ${count}`,
  );
}

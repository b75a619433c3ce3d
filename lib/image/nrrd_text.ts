/** Voxels that NRRD files hold as text. */

import { requireBytes, type StoredVoxels } from "./file_content.ts";
import { type VoxelType, voxelTypes } from "./voxels.ts";

/**
 * The first numbers of a text, which white space keeps apart, as bytes. Integers of 64 bits become
 * float64, which is exact up to 2⁵³.
 *
 * @throws {RangeError} If there are fewer; no memory is taken for what cannot be there.
 * @throws {TypeError} If anything among them is no finite number.
 */
export function readNumbers(
  text: Uint8Array,
  count: number,
  type: VoxelType,
  path: string,
): StoredVoxels {
  requireBytes(text.length, 2 * count - 1, path); // A digit each, and a space between two.
  const stored = type.bytes === 8 ? voxelTypes.float64 : type;
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

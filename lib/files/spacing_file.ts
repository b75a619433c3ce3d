/** Reads and writes the spacing files that accompany TIFF stacks. */

import { basename, dirname, join } from "../platform/paths.ts";
import { z } from "../packages/zod.ts";
import type { Zyx } from "../array/nd_array.ts";
import { writeJsonAtomically } from "../platform/atomic_write.ts";
import { readJson } from "../platform/read_text.ts";
import { exists } from "../platform/files.ts";

const schema = z.object({ spacing: z.tuple([z.number(), z.number(), z.number()]) });

/** Returns `la_003` for `la_003.tif`. */
function stemOf(path: string): string {
  return basename(path).replace(/\.[^.]*$/, "");
}

/**
 * Returns the possible paths of an image's spacing file: `la_003.json` for `la_003.tif`, and
 * `la_003.json` or `la_003_0000.json` for `la_003_0000.tif`.
 *
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/imageio/tif_reader_writer.py
 */
export function spacingPaths(path: string): string[] {
  const stem = stemOf(path);
  const stems = new Set([stem.replace(/(?<=.)_\d{4}$/, ""), stem]);
  return [...stems].map((name) => join(dirname(path), `${name}.json`));
}

/**
 * Reads an image's spacing in mm, (z, y, x); undefined if it has no spacing file.
 *
 * @throws {TypeError} If the file has other contents.
 * @throws {SyntaxError} If the file is not JSON.
 * @throws {Error} If the file cannot be opened.
 */
export async function readSpacing(path: string): Promise<Zyx | undefined> {
  for (const file of spacingPaths(path)) {
    if (!await exists(file)) continue;
    return spacingIn(await readJson(file), file);
  }
}

/**
 * Returns the spacing in mm, (z, y, x), in the contents of a spacing file.
 *
 * @param content The file's JSON, parsed.
 * @param path Path for error messages.
 * @throws {TypeError} If the file has other contents.
 */
export function spacingIn(content: unknown, path: string): Zyx {
  const parsed = schema.safeParse(content);
  if (parsed.success) return parsed.data.spacing;
  throw new TypeError(
    `Cannot read ${path}: found ${JSON.stringify(content).slice(0, 80)}, ` +
      'expected {"spacing": [Z, Y, X]}',
  );
}

/** Writes an image's spacing file. */
export async function writeSpacing(path: string, spacing: Zyx): Promise<void> {
  await writeJsonAtomically(spacingPaths(path)[0], { spacing });
}

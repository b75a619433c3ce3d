/** The small file beside a stack of pictures that says how far its voxels lie apart. */

import { basename, dirname, join } from "../platform/paths.ts";
import { z } from "zod";
import type { Zyx } from "../array/nd_array.ts";
import { writeJsonAtomically } from "../platform/atomic_write.ts";
import { readJson } from "./read_json.ts";
import { exists } from "../platform/files.ts";

const schema = z.object({ spacing: z.tuple([z.number(), z.number(), z.number()]) });

/** `la_003` of `la_003.tif`. */
function stemOf(path: string): string {
  return basename(path).replace(/\.[^.]*$/, "");
}

/**
 * Where an image's spacing may be written: `la_003.json` for `la_003.tif`, and for `la_003_0000.tif`
 * that, too, or else `la_003_0000.json`.
 *
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/imageio/tif_reader_writer.py
 */
export function spacingPaths(path: string): string[] {
  const stem = stemOf(path);
  const stems = new Set([stem.replace(/(?<=.)_\d{4}$/, ""), stem]);
  return [...stems].map((name) => join(dirname(path), `${name}.json`));
}

/**
 * Millimetres between an image's voxels, (z, y, x), if a file says them.
 *
 * @throws {TypeError} If the file holds something else.
 * @throws {SyntaxError} If it is no JSON.
 * @throws {Error} If it cannot be opened.
 */
export async function readSpacing(path: string): Promise<Zyx | undefined> {
  for (const file of spacingPaths(path)) {
    if (!await exists(file)) continue;
    const content = await readJson(file);
    const parsed = schema.safeParse(content);
    if (parsed.success) return parsed.data.spacing;
    throw new TypeError(
      `Cannot read ${file}: found ${JSON.stringify(content).slice(0, 80)}, ` +
        'expected {"spacing": [Z, Y, X]}',
    );
  }
}

/** Writes an image's spacing beside it. */
export async function writeSpacing(path: string, spacing: Zyx): Promise<void> {
  await writeJsonAtomically(spacingPaths(path)[0], { spacing });
}

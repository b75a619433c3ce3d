/** Reads golden images from files on disk. */

import { dirname, join } from "@std/path";
import { readImage } from "../../lib/image/image_files.ts";
import type { Image } from "../../lib/image/image.ts";

/** A file of a golden image. */
export interface GoldenFile {
  /** Path; the slices of a series share a folder. */
  readonly name: string;
  /** Content in base64. */
  readonly file: string;
}

/** Whether the files are the slices of a series. */
export function isSeries([first]: readonly GoldenFile[]): boolean {
  return first.name.includes("/");
}

/** Writes a scan's files to a temporary folder and reads the scan from there. */
export async function readGolden(files: readonly GoldenFile[]): Promise<Image> {
  const folder = await Deno.makeTempDir();
  try {
    for (const { name, file } of files) {
      await Deno.mkdir(dirname(join(folder, name)), { recursive: true });
      await Deno.writeFile(join(folder, name), Uint8Array.fromBase64(file));
    }
    const [{ name }] = files;
    return await readImage([join(folder, isSeries(files) ? dirname(name) : name)]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

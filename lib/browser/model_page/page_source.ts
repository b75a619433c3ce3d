/** Reads the bytes of files that were dropped or chosen. */

import type { Zyx } from "../../array/nd_array.ts";
import { spacingIn, spacingPaths } from "../../files/spacing_file.ts";
import type { ImageSource } from "../../image/image_source.ts";
import { pieceBytes } from "../../image/pieces.ts";
import { reasonOf } from "../../options/reason_of.ts";
import type { PageFile } from "./page_files.ts";

/** Files by their paths. */
export type FilesByPath = ReadonlyMap<string, File>;

/** Returns a map of files by their paths. */
export function byPath(files: readonly PageFile[]): FilesByPath {
  return new Map(files.map(({ path, file }) => [path, file]));
}

/**
 * Returns the source of an image file.
 *
 * @param files The files among which those that it refers to are looked for.
 * @param spacing Spacing in mm, (z, y, x), for formats that do not store it; by default that of a
 * spacing file, if there is one.
 */
export function pageSource(
  { path, file }: PageFile,
  files: FilesByPath,
  spacing?: Zyx,
): ImageSource {
  const reading = async <T>(read: Promise<T>): Promise<T> => {
    try {
      return await read;
    } catch (cause) {
      // Browsers lose files that change after they were chosen.
      throw new Error(`Cannot read ${path}: ${reasonOf(cause)}. Add the file again`, { cause });
    }
  };
  return {
    path,
    async readStart(count) {
      const start = new Uint8Array(await reading(file.slice(0, count).arrayBuffer()));
      return { start, size: file.size };
    },
    async readAll() {
      return new Uint8Array(await reading(file.arrayBuffer()));
    },
    async *pieces() {
      for (let begin = 0; begin < file.size; begin += pieceBytes) {
        const piece = file.slice(begin, begin + pieceBytes);
        yield new Uint8Array(await reading(piece.arrayBuffer()));
      }
    },
    async readSpacing() {
      if (spacing) return spacing;
      for (const name of spacingPaths(path)) {
        const found = files.get(name);
        if (found) return spacingIn(JSON.parse(await reading(found.text())), name);
      }
    },
    sibling(name) {
      const other = path.replace(/[^/]*$/, "") + name;
      const found = files.get(other);
      if (found) return pageSource({ path: other, file: found }, files);
      throw new TypeError(
        `Cannot read ${path}: its voxels are in ${name}, which was not added. Add both files together`,
      );
    },
  };
}

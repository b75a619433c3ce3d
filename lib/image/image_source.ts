/** Provides the bytes of an image file, from which its format decodes it. */

import type { Zyx } from "../array/nd_array.ts";
import { type Pieces, piecesOf } from "./pieces.ts";

/** The bytes of an image file, wherever they are stored. */
export interface ImageSource {
  /** Path or name of the file; its ending determines the format, and error messages contain it. */
  readonly path: string;
  /** Reads the first `count` bytes, or all if there are fewer, and the file's size in bytes. */
  readStart(count: number): Promise<FileStart>;
  /** Reads all bytes. */
  readAll(): Promise<Uint8Array<ArrayBuffer>>;
  /** Reads all bytes in pieces. */
  pieces(): Pieces;
  /** Reads the spacing in mm, (z, y, x), that a file next to this one stores, if there is any. */
  readSpacing(): Promise<Zyx | undefined>;
  /**
   * The bytes of another file, for formats that store voxels in other files than their header.
   *
   * @param name Name relative to this file's folder, as {@link requireBelow} accepts it.
   * @throws {TypeError} If this source is in memory and does not have the other file.
   */
  sibling(name: string): ImageSource;
}

/** The first bytes of a file, and its size. */
export interface FileStart {
  readonly start: Uint8Array<ArrayBuffer>;
  /** Size of the whole file in bytes. */
  readonly size: number;
}

/** The bytes of files by their names. */
export type FilesByName = Readonly<Record<string, Uint8Array<ArrayBuffer>>>;

/**
 * Returns a source of bytes in memory; they are not changed.
 *
 * @param spacing Spacing in mm, (z, y, x), for formats that do not store it.
 * @param files The files that this one may refer to, by the names that it has for them.
 */
export function bytesSource(
  path: string,
  content: Uint8Array<ArrayBuffer>,
  spacing?: Zyx,
  files: FilesByName = {},
): ImageSource {
  return {
    path,
    readStart: (count) =>
      Promise.resolve({ start: content.subarray(0, count), size: content.length }),
    readAll: () => Promise.resolve(content),
    pieces: () => piecesOf(content),
    readSpacing: () => Promise.resolve(spacing),
    sibling(name) {
      if (Object.hasOwn(files, name)) return bytesSource(name, files[name]);
      throw new TypeError(
        `Cannot read ${path}: its voxels are in ${name}, expected that file's bytes in \`files\``,
      );
    },
  };
}

/** Finds and joins the files to which a header refers for its voxels. */

import { joinBytes } from "../array/join_bytes.ts";
import { isFileName } from "../untrusted/file_name.ts";
import { MAX_DATA_FILES } from "../untrusted/limits.ts";
import { printable } from "../untrusted/printable.ts";
import { reasonOf } from "../options/reason_of.ts";
import type { ImageSource } from "./image_source.ts";

/** The name of a file without its folder. */
export function fileNameOf(path: string): string {
  return path.replace(/^.*[/\\]/s, "");
}

/**
 * Requires that a name from a header leads to a file in the header's folder or below it, so that a
 * header from elsewhere cannot make other files of this machine part of an image.
 *
 * @param path Path of the header, for error messages.
 * @returns The name without a leading `./`.
 * @throws {RangeError} If it is absolute, has `..` or a hidden folder, or is no name at all.
 */
export function requireBelow(name: string, path: string): string {
  const relative = name.replace(/^(\.\/)+/, "");
  if (relative.split("/").every(isFileName)) return relative;
  throw new RangeError(
    `Cannot read ${path}: its voxels are in "${printable(name)}", expected the name of a file in ` +
      "the same folder or below it",
  );
}

/**
 * The names of a numbered series, such as `slice%03d.raw` from 1 to 20 in steps of 1.
 *
 * @param count Number of files that the image needs, one per slice.
 * @throws {RangeError} If the pattern has no number or several, or the series has another length.
 */
export function numberedNames(
  pattern: string,
  { first, last, step }: { readonly first: number; readonly last: number; readonly step: number },
  count: number,
  path: string,
): string[] {
  const parts = pattern.match(/^([^%]*)%(0?)(\d{0,2})[di]([^%]*)$/);
  if (!parts || ![first, last, step].every(Number.isSafeInteger)) {
    throw new RangeError(
      `Cannot read ${path}: its voxels are in "${printable(pattern)}" with numbers from ${first} ` +
        `to ${last} in steps of ${step}, expected one whole number such as %03d`,
    );
  }
  const found = Math.floor((last - first) / step) + 1;
  if (found !== count || count > MAX_DATA_FILES) {
    throw new RangeError(
      `Cannot read ${path}: its voxels are in files numbered from ${first} to ${last} in steps of ` +
        `${step}, expected ${count} files, one per slice, and at most ${MAX_DATA_FILES}`,
    );
  }
  const [, before, zero, width, after] = parts;
  return Array.from({ length: found }, (_, i) => {
    const number = `${first + i * step}`.padStart(Number(width), zero ? "0" : " ");
    return before + number + after;
  });
}

/**
 * Requires one name per slice, none of them twice: a short list could otherwise name a large file
 * a million times.
 *
 * @throws {RangeError} If there are more or fewer names, or one is there twice.
 */
export function requireSlices(names: readonly string[], count: number, path: string): void {
  const seen = new Set<string>();
  const repeated = names.find((name) => seen.size === seen.add(name).size);
  if (names.length === count && repeated === undefined) return;
  throw new RangeError(
    `Cannot read ${path}: its voxels are in ${names.length} files` +
      (repeated === undefined ? "" : `, ${printable(repeated)} among them twice`) +
      `, expected ${count} different ones, one per slice`,
  );
}

/** Bytes in which headers without a list of files nearly always fit. */
const BEGINNING_BYTES = 1 << 16;

/**
 * Reads the names of the files with an image's voxels, without reading voxels that follow the header.
 *
 * @param longestBytes Length of the longest possible header.
 * @param read Returns the names in a header, undefined if the voxels follow it.
 * @throws What `read` throws for the whole header.
 */
export async function namedFiles(
  source: ImageSource,
  longestBytes: number,
  read: (content: Uint8Array, path: string) => readonly string[] | undefined,
): Promise<readonly string[]> {
  const { start, size } = await source.readStart(BEGINNING_BYTES);
  try {
    return read(start, source.path) ?? [];
  } catch (error) {
    if (size <= start.length) throw error;
    const longer = await source.readStart(Math.min(size, longestBytes));
    return read(longer.start, source.path) ?? [];
  }
}

/**
 * Reads the parts of an image from several files, in order.
 *
 * @param names Names relative to the header's folder.
 * @param extract Returns the voxels in a file's bytes.
 */
export async function joinFiles(
  header: ImageSource,
  names: readonly string[],
  extract: (
    content: Uint8Array<ArrayBuffer>,
    path: string,
  ) => Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>>,
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for (const name of names) {
    const source = header.sibling(name);
    const content = await source.readAll().catch((error) => {
      throw unreadable(header.path, name, error);
    });
    parts.push(await extract(content, source.path));
  }
  if (parts.length === 1) return parts[0];
  return joinBytes(parts);
}

/** The error for a file with voxels that cannot be read. */
export function unreadable(path: string, name: string, error: Error): Error {
  const reason = reasonOf(error.cause ?? error);
  return new Error(
    `Cannot read ${path}: its voxels are in ${printable(name)} (${reason}), ` +
      "expected that file next to it",
    { cause: error },
  );
}

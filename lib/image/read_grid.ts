/** Size and spacing of a scan, read without its voxels where the format allows. */

import { constants, gunzipSync } from "node:zlib";
import { isGzip } from "./gzip.ts";
import type { Image } from "./image.ts";
import { readNiftiHeader } from "./nifti_header.ts";
import { readImage } from "./registry.ts";

/** Packed, a header of some hundred bytes cannot take more. */
const HEAD_BYTES = 4096;

/**
 * Reads where a file's voxels lie and how many channels it has. Of NIfTI files the header is read,
 * of others everything.
 *
 * @throws {TypeError | RangeError} If the file is not what its ending says.
 * @throws {Error} If it cannot be read.
 */
export async function readGrid(path: string): Promise<Pick<Image, "geometry" | "channels">> {
  if (!/\.nii(\.gz)?$/i.test(path)) return await readImage([path]);
  const head = await readHead(path);
  // Flushed early, zlib gives what the cut data hold instead of an error.
  const content = isGzip(head)
    ? new Uint8Array(gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH }))
    : head;
  return readNiftiHeader(content, path);
}

async function readHead(path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    using file = await Deno.open(path);
    const head = new Uint8Array(HEAD_BYTES);
    let filled = 0;
    while (filled < head.length) {
      const count = await file.read(head.subarray(filled));
      if (count === null) break;
      filled += count;
    }
    return head.subarray(0, filled);
  } catch (cause) {
    throw new Error(`Cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
}

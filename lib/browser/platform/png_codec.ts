/** Encodes and decodes PNG data in memory with pngjs's build for browsers. */

import type { PngPicture } from "../../platform/png_codec.ts";
import { PNG } from "../../packages/pngjs_browser.ts";

export type { PngPicture };

/** Copies bytes into one of Node's buffers, of which the build has a copy for itself. */
function bufferOf(bytes: Uint8Array): Uint8Array {
  // Only pictures have such buffers, with four bytes per pixel.
  const { data } = new PNG({ width: Math.max(1, Math.ceil(bytes.length / 4)), height: 1 });
  data.set(bytes);
  return data.subarray(0, bytes.length);
}

/**
 * Decodes a picture.
 *
 * @returns Red, green, blue and alpha of every pixel, whatever the file's colour type, in its bit
 * depth.
 * @throws {Error} If the data is damaged or ends early.
 */
export function decodePng(content: Uint8Array<ArrayBuffer>): Uint8Array | Uint16Array {
  return PNG.sync.read(bufferOf(content) as never, { skipRescale: true }).data;
}

/** Encodes red, green, blue and alpha, one byte each, for speed rather than size. */
export function encodeColors({ width, height, data }: PngPicture): Uint8Array<ArrayBuffer> {
  const png = new PNG({ width, height });
  png.data.set(data);
  return new Uint8Array(PNG.sync.write(png, { deflateLevel: 1, filterType: 0 }));
}

/**
 * Encodes grey values.
 *
 * @param sampleBytes Bytes per value, 1 or 2; `data` is little-endian.
 */
export function encodeGrey(
  { width, height, data }: PngPicture,
  sampleBytes: number,
): Uint8Array<ArrayBuffer> {
  const grey = 0;
  const png = new PNG({ width, height });
  png.data = bufferOf(data) as never;
  return new Uint8Array(PNG.sync.write(png, {
    bitDepth: 8 * sampleBytes,
    colorType: grey,
    inputColorType: grey,
    inputHasAlpha: false,
  }));
}

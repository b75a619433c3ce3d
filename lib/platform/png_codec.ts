/** Encodes and decodes PNG data in memory with pngjs, which requires Node's buffers. */

import { Buffer } from "node:buffer";
import { PNG } from "../packages/pngjs.ts";

/** A picture, row by row from the top. */
export interface PngPicture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array<ArrayBuffer>;
}

/**
 * Decodes a picture.
 *
 * @returns Red, green, blue and alpha of every pixel, whatever the file's colour type, in its bit
 * depth.
 * @throws {Error} If the data is damaged or ends early.
 */
export function decodePng(content: Uint8Array<ArrayBuffer>): Uint8Array | Uint16Array {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.length);
  return PNG.sync.read(bytes, { skipRescale: true }).data;
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
  png.data = Buffer.from(data.buffer, data.byteOffset, data.length);
  return new Uint8Array(PNG.sync.write(png, {
    bitDepth: 8 * sampleBytes,
    colorType: grey,
    inputColorType: grey,
    inputHasAlpha: false,
  }));
}

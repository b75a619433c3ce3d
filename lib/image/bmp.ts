/** Decodes and encodes BMP pictures: one slice, grey or colour. */

import { joinBytes } from "../array/join_bytes.ts";
import { requireBytes } from "./file_content.ts";
import type { ImageFormat } from "./format.ts";
import type { Image, Segmentation } from "./image.ts";
import type { ImageSource } from "./image_source.ts";
import { pictureExtents, pictureGeometry } from "./picture.ts";
import { separateChannels } from "./voxels.ts";

/** Length of the file header and of the smallest common picture header. */
const fileHeaderBytes = 14;
const pictureHeaderBytes = 40;

/** Value of the compression field for none. Bit masks, another value, may reorder the colours. */
const uncompressed = 0;

/**
 * The BMP format: uncompressed, with 1, 4 or 8 bits and a palette, or 24 or 32 bits. A grey palette
 * yields one channel (black and white in 1 bit become 0 and 1), colours yield three. The fourth
 * byte of 32-bit pixels is ignored.
 *
 * BMP cannot store scans of arbitrary values, so only label maps are written.
 *
 * @see https://learn.microsoft.com/windows/win32/gdi/bitmap-storage
 */
export const bmp: ImageFormat = {
  name: "BMP",
  endings: [".bmp"],
  decode: decodeBmp,
  encodeSegmentation: encodeBmp,
};

async function decodeBmp(source: ImageSource): Promise<Image> {
  const { path } = source;
  const content = await source.readAll();
  const { width, height, bottomUp, bits, pixelOffset, colors } = readHeader(content, path);
  const stride = strideOf(width, bits);
  const geometry = pictureGeometry(width, height, path);
  requireBytes(content.length, pixelOffset + stride * height, path);

  const shades = bits <= 8 ? readPalette(content, colors, path) : undefined;
  const channels = shades && isGrey(shades, bits === 1 ? 255 : 1) ? 1 : 3;
  const values = new Float32Array(width * height * channels);
  for (let i = 0; i < values.length; i++) {
    const pixel = Math.floor(i / channels);
    const channel = i % channels;
    const row = Math.floor(pixel / width);
    const line = pixelOffset + (bottomUp ? height - 1 - row : row) * stride;
    const bit = (pixel % width) * bits;
    const at = line + (bit >> 3);
    if (!shades) values[i] = content[at + 2 - channel]; // Blue comes first.
    else {
      const entry = (content[at] >> (8 - bits - bit % 8)) & (2 ** bits - 1); // High bits first.
      values[i] = channels === 1 ? entry : shades[entry]?.[channel] ?? 0;
    }
  }
  return { geometry, channels, data: separateChannels(values, channels) };
}

function readHeader(content: Uint8Array<ArrayBuffer>, path: string) {
  if (content[0] !== 0x42 || content[1] !== 0x4d) {
    throw new TypeError(
      `Cannot read ${path}: file does not begin with "BM", expected a BMP picture`,
    );
  }
  requireBytes(content.length, fileHeaderBytes + pictureHeaderBytes, path);
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  const headerBytes = view.getUint32(14, true);
  const [bits, compression] = [view.getUint16(28, true), view.getUint32(30, true)];
  if (headerBytes < pictureHeaderBytes || compression !== uncompressed) {
    throw new TypeError(
      `Cannot read ${path}: header has ${headerBytes} bytes and compression ${compression}, ` +
        `expected at least ${pictureHeaderBytes} bytes and compression ${uncompressed} (none)`,
    );
  }
  if (![1, 4, 8, 24, 32].includes(bits)) {
    throw new TypeError(
      `Cannot read ${path}: pixels have ${bits} bits, expected 1, 4, 8, 24 or 32`,
    );
  }
  const height = view.getInt32(22, true);
  return {
    width: view.getInt32(18, true),
    height: Math.abs(height),
    bottomUp: height > 0,
    bits,
    pixelOffset: view.getUint32(10, true),
    colors: {
      offset: fileHeaderBytes + headerBytes,
      count: Math.min(view.getUint32(46, true) || Infinity, 2 ** Math.min(bits, 8)),
    },
  };
}

/** Red, green and blue of each palette entry. */
function readPalette(
  content: Uint8Array,
  { offset, count }: { readonly offset: number; readonly count: number },
  path: string,
): number[][] {
  requireBytes(content.length, offset + 4 * count, path);
  return Array.from({ length: count }, (_, entry) => {
    const [blue, green, red] = content.subarray(offset + 4 * entry);
    return [red, green, blue];
  });
}

/** Whether entries are greys in equal steps from black, so that their indices can be the values. */
function isGrey(shades: readonly number[][], step: number): boolean {
  return shades.every((shade, entry) => shade.every((value) => value === entry * step));
}

/** Bytes from one row to the next; rows are padded to multiples of four. */
function strideOf(width: number, bits: number): number {
  return Math.ceil(width * bits / 32) * 4;
}

function encodeBmp(segmentation: Segmentation, path: string) {
  const { width, height } = pictureExtents(segmentation, path);
  const large = segmentation.data.find((label) => label > 255);
  if (large !== undefined) {
    throw new RangeError(`Cannot write ${path}: found label ${large}, expected at most 255 in BMP`);
  }
  const stride = strideOf(width, 8);
  const palette = Uint8Array.from({ length: 1024 }, (_, i) => i % 4 === 3 ? 0 : i >> 2);
  const pixels = new Uint8Array(stride * height);
  for (let row = 0; row < height; row++) {
    const line = segmentation.data.subarray(row * width, (row + 1) * width);
    pixels.set(line, (height - 1 - row) * stride);
  }
  const header = new Uint8Array(fileHeaderBytes + pictureHeaderBytes);
  const view = new DataView(header.buffer);
  const pixelOffset = header.length + palette.length;
  header.set([0x42, 0x4d]);
  view.setUint32(2, pixelOffset + pixels.length, true);
  view.setUint32(10, pixelOffset, true);
  view.setUint32(14, pictureHeaderBytes, true);
  view.setInt32(18, width, true);
  view.setInt32(22, height, true);
  view.setUint16(26, 1, true); // Number of planes, always one.
  view.setUint16(28, 8, true);
  view.setUint32(34, pixels.length, true);
  view.setUint32(46, 256, true);
  return joinBytes([header, palette, pixels]);
}

/** Decodes and encodes PNG pictures: one slice, grey or colour. */

import { decodePng, encodeGrey } from "../platform/png_codec.ts";
import { storedLabels } from "./file_content.ts";
import type { ImageFormat } from "./format.ts";
import { maximalUnpackedBytes } from "./gzip.ts";
import type { Image, Segmentation } from "./image.ts";
import type { ImageSource } from "./image_source.ts";
import { pictureExtents, pictureGeometry } from "./picture.ts";
import { separateChannels } from "./voxels.ts";
import { reasonOf } from "../options/reason_of.ts";

/**
 * The PNG format, with the values that nnU-Net reads: 1-bit grey as 0 and 1, 2- and 4-bit grey
 * stretched to 255, 8- and 16-bit grey unchanged; colours as three channels, or four with
 * transparency, only the upper 8 bits of 16; a palette's colours without transparency.
 *
 * PNG cannot store scans of arbitrary values, so only label maps are written.
 *
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/imageio/natural_image_reader_writer.py
 */
export const png: ImageFormat = {
  name: "PNG",
  endings: [".png"],
  decode,
  encodeSegmentation: encode,
};

/** Samples per pixel by PNG's colour type: grey, colours, palette index, colours with alpha. */
const samplesByColorType = new Map([[0, 1], [2, 3], [3, 1], [6, 4]]);

const grey = 0;
const palette = 3;

/** The decoder returns four samples per pixel, whatever the file stores. */
const decodedSamples = 4;

async function decode(source: ImageSource): Promise<Image> {
  const { path } = source;
  const content = await source.readAll();
  const { width, height, depth, colorType } = readHeader(content, path);
  const geometry = pictureGeometry(width, height, path);
  let pixels: Uint8Array | Uint16Array;
  try {
    pixels = decodePng(content);
  } catch (cause) {
    throw new Error(
      `Cannot read ${path}: its PNG data are damaged or truncated ` +
        `(${reasonOf(cause)}), expected intact data`,
      { cause },
    );
  }
  const channels = colorType === palette ? 3 : samplesByColorType.get(colorType)!;
  const factor = colorType === grey && (depth === 2 || depth === 4) ? 255 / (2 ** depth - 1) : 1;
  const shift = colorType !== grey && depth === 16 ? 8 : 0;
  const values = new Float32Array(width * height * channels);
  for (let i = 0; i < values.length; i++) {
    const sample = pixels[Math.floor(i / channels) * decodedSamples + i % channels];
    values[i] = (sample >> shift) * factor;
  }
  return { geometry, channels, data: separateChannels(values, channels) };
}

/** Reads the fields of the first chunk and checks that the file is large enough for them. */
function readHeader(content: Uint8Array<ArrayBuffer>, path: string) {
  const mark = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
  if (content.length < 33 || !mark.every((byte, i) => content[i] === byte)) {
    throw new TypeError(
      `Cannot read ${path}: file does not begin with PNG's signature, expected a PNG picture`,
    );
  }
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  const [depth, colorType] = [view.getUint8(24), view.getUint8(25)];
  const samples = samplesByColorType.get(colorType);
  if (samples === undefined) {
    throw new TypeError(
      `Cannot read ${path}: colour type is ${colorType}, ` +
        "expected 0 (grey), 2 (colours), 3 (palette) or 6 (colours and transparency)",
    );
  }
  const limit = maximalUnpackedBytes(content.length);
  const needed = height * Math.ceil(width * samples * depth / 8);
  if (needed > limit) {
    throw new RangeError(
      `Cannot read ${path}: its header needs ${needed} bytes, ` +
        `expected at most the ${limit} that ${content.length} bytes of PNG can hold`,
    );
  }
  return { width, height, depth, colorType };
}

function encode(segmentation: Segmentation, path: string) {
  const { width, height } = pictureExtents(segmentation, path);
  const { bytes, type } = storedLabels(segmentation.data);
  return encodeGrey({ width, height, data: bytes }, type.bytes);
}

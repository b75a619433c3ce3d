/** Encodes slices as a TIFF file: one page per slice, each channel of a page packed separately. */

import { deflate } from "../gzip.ts";
import { deflateCode } from "./tiff_packing.ts";
import { tiffTags } from "./tiff_directory.ts";
import type { VoxelType } from "../voxels.ts";

/** Size, number type and description of the pages. */
export interface TiffLayout {
  readonly width: number;
  readonly height: number;
  readonly slices: number;
  readonly channels: number;
  readonly type: VoxelType;
  /** Description of the first page. */
  readonly description?: string;
}

const headerBytes = 8;
const entryBytes = 12;

/** TIFF's type codes of the fields that are written. */
const text = 2;
const number32 = 4;

/** Largest file size that TIFF's 32-bit offsets can address. */
const maximalBytes = 2 ** 32 - 1;

type Field = readonly [tag: number, values: readonly number[] | string];

/**
 * Packs voxels as a little-endian TIFF file.
 *
 * @param voxels Little-endian numbers, (c, z, y, x) in C order.
 * @param level Compression level from 1 (fast) to 9 (small).
 * @param path Path for error messages.
 * @throws {RangeError} If the file would be larger than 4 GiB, TIFF's limit.
 */
export async function packTiff(
  voxels: Uint8Array<ArrayBuffer>,
  layout: TiffLayout,
  level: number,
  path: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const { width, height, slices, channels, type } = layout;
  const planeBytes = width * height * type.bytes;
  const parts: Uint8Array[] = [];
  let length = headerBytes;
  const append = (part: Uint8Array) => {
    parts.push(part);
    length += part.length;
    if (length > maximalBytes) {
      throw new RangeError(
        `Cannot write ${path}: its packed voxels need more than ${maximalBytes} bytes, ` +
          "expected a scan that fits a TIFF file",
      );
    }
    return length - part.length;
  };
  const header = new Uint8Array(headerBytes);
  let link = new DataView(header.buffer, 4); // Receives the next directory's offset.
  header.set([0x49, 0x49, 42, 0]);
  for (let slice = 0; slice < slices; slice++) {
    const strips: { offset: number; bytes: number }[] = [];
    for (let channel = 0; channel < channels; channel++) {
      const start = (channel * slices + slice) * planeBytes;
      const packed = await deflate(voxels.subarray(start, start + planeBytes), level);
      strips.push({ offset: append(packed), bytes: packed.length });
    }
    if (length % 2 === 1) append(new Uint8Array(1)); // Directories begin at even offsets.
    const fields = fieldsOf(layout, strips, slice === 0);
    const directory = encodeDirectory(fields, length);
    link.setUint32(0, append(directory.bytes), true);
    link = directory.link;
  }
  const file = new Uint8Array(length);
  let offset = 0;
  for (const part of [header, ...parts]) {
    file.set(part, offset);
    offset += part.length;
  }
  return file;
}

function fieldsOf(
  { width, height, channels, type, description }: TiffLayout,
  strips: readonly { readonly offset: number; readonly bytes: number }[],
  first: boolean,
): Field[] {
  const each = (value: number) => new Array<number>(channels).fill(value);
  const extra = Math.max(channels - 1, 0); // All channels but the first have no defined meaning.
  const fields: Field[] = [
    [tiffTags.width, [width]],
    [tiffTags.height, [height]],
    [tiffTags.bitsPerSample, each(8 * type.bytes)],
    [tiffTags.packing, [deflateCode]],
    [tiffTags.photometric, [1]], // Black is zero.
    ...(first && description ? [[tiffTags.description, description + "\0"] as const] : []),
    [tiffTags.stripOffsets, strips.map(({ offset }) => offset)],
    [tiffTags.samplesPerPixel, [channels]],
    [tiffTags.rowsPerStrip, [height]],
    [tiffTags.stripByteCounts, strips.map(({ bytes }) => bytes)],
    [tiffTags.planarConfiguration, [channels > 1 ? 2 : 1]],
    ...(extra > 0 ? [[tiffTags.extraSamples, new Array<number>(extra).fill(0)] as const] : []),
    [tiffTags.sampleFormat, each(type.name.startsWith("float") ? 3 : 1)],
  ];
  return fields;
}

/** Encodes a directory, followed by the values that do not fit into its entries. */
function encodeDirectory(fields: readonly Field[], offset: number) {
  const tableBytes = 2 + fields.length * entryBytes + 4;
  const sizes = fields.map(([, values]) => {
    const bytes = values.length * (typeof values === "string" ? 1 : 4);
    return bytes > 4 ? bytes + bytes % 2 : 0;
  });
  const bytes = new Uint8Array(sizes.reduce((sum, size) => sum + size, tableBytes));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, fields.length, true);
  let outside = tableBytes;
  for (const [i, [tag, values]] of fields.entries()) {
    const at = 2 + i * entryBytes;
    view.setUint16(at, tag, true);
    view.setUint16(at + 2, typeof values === "string" ? text : number32, true);
    view.setUint32(at + 4, values.length, true);
    if (sizes[i] > 0) view.setUint32(at + 8, offset + outside, true);
    const target = sizes[i] > 0 ? outside : at + 8;
    if (typeof values === "string") bytes.set(new TextEncoder().encode(values), target);
    else values.forEach((value, v) => view.setUint32(target + 4 * v, value, true));
    outside += sizes[i];
  }
  return { bytes, link: new DataView(bytes.buffer, tableBytes - 4) };
}

/** Reads what a packed picture says about its size, before a decoder allocates memory for it. */

import type { Packing } from "./transfer_syntax.ts";

/** Size and kind of a packed picture. */
export interface PackedHeader {
  readonly rows: number;
  readonly columns: number;
  /** Bits per value. */
  readonly bits: number;
  /** Values per pixel. */
  readonly samples: number;
  /** Position of the code stream in the bytes. */
  readonly start: number;
}

/** Markers of a JPEG's frame header that decoders here understand, by the packing. */
const frameMarkers: Readonly<Record<Exclude<Packing, "RLE" | "JPEG 2000">, readonly number[]>> = {
  "JPEG": [0xc0, 0xc1, 0xc2],
  "lossless JPEG": [0xc3],
  "JPEG-LS": [0xf7],
};

/**
 * Reads the header of a packed picture.
 *
 * @returns Undefined if the bytes do not begin as the packing should, or have no header.
 */
export function packedHeader(
  bytes: Uint8Array,
  packing: Exclude<Packing, "RLE">,
): PackedHeader | undefined {
  try {
    return packing === "JPEG 2000" ? jpeg2000Header(bytes) : jpegHeader(bytes, packing);
  } catch (error) {
    if (error instanceof RangeError) return undefined; // A position outside of the bytes.
    throw error;
  }
}

function jpegHeader(
  bytes: Uint8Array,
  packing: keyof typeof frameMarkers,
): PackedHeader | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint16(0) !== 0xffd8) return undefined;
  let position = 2;
  while (true) {
    if (view.getUint8(position) !== 0xff) return undefined;
    const marker = view.getUint8(position + 1);
    if (marker === 0xff) position++; // A fill byte.
    else if (frameMarkers[packing].includes(marker)) {
      return {
        bits: view.getUint8(position + 4),
        rows: view.getUint16(position + 5),
        columns: view.getUint16(position + 7),
        samples: view.getUint8(position + 9),
        start: 0,
      };
    } else if (marker === 0xda || marker === 0xd9) return undefined; // The frame header is missing.
    else position += 2 + view.getUint16(position + 2);
  }
}

/** The code stream may be wrapped in a file's boxes, which DICOM forbids but some writers make. */
function jpeg2000Header(bytes: Uint8Array): PackedHeader | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let start = 0;
  while (view.getUint32(start) !== 0xff4fff51) if (++start > 4096) return undefined;
  return {
    columns: view.getUint32(start + 8) - view.getUint32(start + 16),
    rows: view.getUint32(start + 12) - view.getUint32(start + 20),
    samples: view.getUint16(start + 40),
    bits: (view.getUint8(start + 42) & 0x7f) + 1,
    start,
  };
}

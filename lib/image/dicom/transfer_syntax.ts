/** Lists the transfer syntaxes: how a DICOM file stores its elements, and how its pixels are packed. */

/** How pixels are packed. */
export type Packing = "RLE" | "JPEG" | "lossless JPEG" | "JPEG-LS" | "JPEG 2000";

/** How a file stores its pixels. */
export interface TransferSyntax {
  readonly littleEndian: boolean;
  /** Undefined if pixels are stored plainly. */
  readonly packing?: Packing;
}

/** The transfer syntax of files whose elements are deflated as a whole. */
export const deflatedSyntax = "1.2.840.10008.1.2.1.99";

/** Explicit elements, lowest byte first: the syntax that is written. */
export const explicitSyntax = "1.2.840.10008.1.2.1";

/** The supported syntaxes by their identifiers. */
const syntaxes: Readonly<Record<string, TransferSyntax>> = {
  "1.2.840.10008.1.2": { littleEndian: true }, // Implicit.
  [explicitSyntax]: { littleEndian: true },
  [deflatedSyntax]: { littleEndian: true },
  "1.2.840.10008.1.2.2": { littleEndian: false },
  "1.2.840.10008.1.2.5": { littleEndian: true, packing: "RLE" },
  "1.2.840.10008.1.2.4.50": { littleEndian: true, packing: "JPEG" }, // Baseline.
  "1.2.840.10008.1.2.4.51": { littleEndian: true, packing: "JPEG" }, // Extended, up to 12 bits.
  "1.2.840.10008.1.2.4.57": { littleEndian: true, packing: "lossless JPEG" },
  "1.2.840.10008.1.2.4.70": { littleEndian: true, packing: "lossless JPEG" },
  "1.2.840.10008.1.2.4.80": { littleEndian: true, packing: "JPEG-LS" },
  "1.2.840.10008.1.2.4.81": { littleEndian: true, packing: "JPEG-LS" }, // Near lossless.
  "1.2.840.10008.1.2.4.90": { littleEndian: true, packing: "JPEG 2000" }, // Lossless.
  "1.2.840.10008.1.2.4.91": { littleEndian: true, packing: "JPEG 2000" },
};

/** Names of syntaxes that files may have but that are not read, by the beginning of their identifier. */
const otherNames: readonly (readonly [prefix: string, name: string])[] = [
  ["1.2.840.10008.1.2.4.9", "JPEG 2000 part 2 or JPIP"],
  ["1.2.840.10008.1.2.4.10", "a video"],
  ["1.2.840.10008.1.2.4.11", "JPEG XL"],
  ["1.2.840.10008.1.2.4.20", "high-throughput JPEG 2000"],
];

/**
 * Returns how a file stores its pixels.
 *
 * @param uid The identifier in the file's header; undefined if it has none.
 * @param path Path for error messages.
 * @throws {TypeError} If the syntax is not supported.
 */
export function transferSyntaxOf(uid: string | undefined, path: string): TransferSyntax {
  const syntax = uid === undefined || !Object.hasOwn(syntaxes, uid) ? undefined : syntaxes[uid];
  if (syntax) return syntax;
  const other = otherNames.find(([prefix]) => uid?.startsWith(prefix))?.[1];
  throw new TypeError(
    `Cannot read ${path}: transfer syntax is ${uid || "missing"}${other ? ` (${other})` : ""}, ` +
      "expected plain pixels, RLE, JPEG, lossless JPEG, JPEG-LS or JPEG 2000; convert the file " +
      "with gdcmconv --raw",
  );
}

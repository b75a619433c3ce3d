/** Encodes DICOM files: explicit elements, lowest byte first. */

import { joinBytes } from "../../array/join_bytes.ts";
import { explicitSyntax } from "./transfer_syntax.ts";

/** How an element's value is encoded; the name is DICOM's. */
export type ValueRepresentation =
  | (
    | "AT"
    | "CS"
    | "DA"
    | "DS"
    | "IS"
    | "LO"
    | "OB"
    | "PN"
    | "SH"
    | "SQ"
    | "ST"
    | "TM"
    | "UI"
    | "UL"
  )
  | "US";

/**
 * An element: its tag as eight hexadecimal digits, and its value. Texts may also be bytes that are
 * already encoded; numbers of several values are lists; a sequence has items of elements.
 */
export type Element = readonly [
  tag: string,
  vr: ValueRepresentation,
  value: string | Uint8Array | readonly number[] | readonly (readonly Element[])[],
];

/** Identifies the writer of files, as an UUID in the form of DICOM. */
const implementation = "2.25.199214843137026846320361285613146519823";

/** Elements whose length takes four bytes. */
const longLengths: readonly ValueRepresentation[] = ["OB", "SQ"];

/**
 * Encodes a file.
 *
 * @param elements The elements in any order, without those of the file's header.
 * @param identity Identifiers of the file's kind and of the file.
 */
export function encodeDicom(
  elements: readonly Element[],
  { sopClass, sopInstance }: { readonly sopClass: string; readonly sopInstance: string },
): Uint8Array<ArrayBuffer> {
  const header = encodeElements([
    ["00020001", "OB", Uint8Array.of(0, 1)],
    ["00020002", "UI", sopClass],
    ["00020003", "UI", sopInstance],
    ["00020010", "UI", explicitSyntax],
    ["00020012", "UI", implementation],
    ["00020013", "SH", "NNUNET_TS"],
  ]);
  const length = encodeElements([["00020000", "UL", [header.length]]]);
  const preamble = new Uint8Array(132);
  preamble.set(new TextEncoder().encode("DICM"), 128);
  return joinBytes([preamble, length, header, encodeElements(elements)]);
}

function encodeElements(elements: readonly Element[]): Uint8Array<ArrayBuffer> {
  const sorted = elements.toSorted(([a], [b]) => a < b ? -1 : 1);
  return joinBytes(sorted.flatMap(([tag, vr, value]) => {
    const bytes = encodeValue(vr, value);
    const long = longLengths.includes(vr);
    const head = new DataView(new ArrayBuffer(long ? 12 : 8));
    head.setUint16(0, parseInt(tag.slice(0, 4), 16), true);
    head.setUint16(2, parseInt(tag.slice(4), 16), true);
    head.setUint8(4, vr.charCodeAt(0));
    head.setUint8(5, vr.charCodeAt(1));
    if (long) head.setUint32(8, bytes.length, true);
    else head.setUint16(6, bytes.length, true);
    return [new Uint8Array(head.buffer), bytes];
  }));
}

function encodeValue(vr: ValueRepresentation, value: Element[2]): Uint8Array<ArrayBuffer> {
  if (typeof value === "string") return padded(new TextEncoder().encode(value), vr);
  if (value instanceof Uint8Array) return padded(value, vr);
  if (vr === "SQ") {
    return joinBytes((value as readonly (readonly Element[])[]).flatMap((item) => {
      const bytes = encodeElements(item);
      const head = new DataView(new ArrayBuffer(8));
      head.setUint16(0, 0xfffe, true);
      head.setUint16(2, 0xe000, true);
      head.setUint32(4, bytes.length, true);
      return [new Uint8Array(head.buffer), bytes];
    }));
  }
  const numbers = value as readonly number[];
  if (vr === "DS") return padded(new TextEncoder().encode(numbers.map(decimal).join("\\")), vr);
  if (vr === "IS") return padded(new TextEncoder().encode(numbers.join("\\")), vr);
  if (vr === "UL") return new Uint8Array(Uint32Array.from(numbers).buffer);
  // A tag is two numbers of 16 bits, the group first.
  const words = vr === "AT" ? numbers.flatMap((tag) => [tag >>> 16, tag & 0xffff]) : numbers;
  return new Uint8Array(Uint16Array.from(words).buffer);
}

/** A number in at most 16 characters, as precise as they allow. */
function decimal(value: number): string {
  for (let digits = 15; digits > 0; digits--) {
    const text = `${Number(value.toPrecision(digits))}`;
    if (text.length <= 16) return text;
  }
  return "0";
}

/** Values have an even length. */
function padded(bytes: Uint8Array, vr: ValueRepresentation): Uint8Array<ArrayBuffer> {
  const even = new Uint8Array(bytes.length + bytes.length % 2);
  even.fill(vr === "UI" || vr === "OB" ? 0 : 0x20);
  even.set(bytes);
  return even;
}

/** Returns a new identifier, made of random bits. */
export function newUid(): string {
  return `2.25.${BigInt(`0x${crypto.randomUUID().replaceAll("-", "")}`)}`;
}

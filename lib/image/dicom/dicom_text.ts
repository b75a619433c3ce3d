/** Decodes the texts of DICOM files, whose character set a file names. */

import type { DataSet } from "./dicom_elements.ts";

/** Character sets by DICOM's names, as `TextDecoder` calls them. */
const characterSets: Readonly<Record<string, string>> = {
  "": "ascii",
  "ISO_IR 6": "ascii",
  "ISO_IR 100": "iso-8859-1",
  "ISO_IR 101": "iso-8859-2",
  "ISO_IR 109": "iso-8859-3",
  "ISO_IR 110": "iso-8859-4",
  "ISO_IR 144": "iso-8859-5",
  "ISO_IR 127": "iso-8859-6",
  "ISO_IR 126": "iso-8859-7",
  "ISO_IR 138": "iso-8859-8",
  "ISO_IR 148": "iso-8859-9",
  "ISO_IR 13": "shift_jis",
  "ISO_IR 166": "windows-874",
  "ISO_IR 192": "utf-8",
  "GB18030": "gb18030",
  "GBK": "gbk",
  "ISO 2022 IR 87": "iso-2022-jp",
  "ISO 2022 IR 149": "euc-kr",
  "ISO 2022 IR 100": "iso-8859-1",
};

/**
 * Returns the function that decodes a file's texts. Sets of several code pages are decoded by the last
 * one, which includes the letters of the others.
 */
export function textDecoderOf(dataSet: DataSet): (bytes: Uint8Array) => string {
  const names = dataSet.string("x00080005")?.split("\\") ?? [];
  const known = names.map((name) => characterSets[name.trim()]).filter((set) => set !== undefined);
  const decoder = new TextDecoder(known.at(-1) ?? "iso-8859-1");
  return (bytes) => decoder.decode(bytes).replace(/[\0 ]+$/, "").trimStart();
}

/** The bytes of an element; undefined if it is missing. */
export function bytesIn(dataSet: DataSet, tag: string): Uint8Array | undefined {
  const element = dataSet.elements[tag];
  if (!element) return undefined;
  return dataSet.byteArray.subarray(element.dataOffset, element.dataOffset + element.length);
}

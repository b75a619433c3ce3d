/** Recognises DICOM files that hold no picture, such as directories and reports. */

import dicomParser from "../../packages/dicom_parser.ts";

/** Kinds of files without a picture, by the beginning of their SOP class. */
const kinds: readonly (readonly [uid: string, kind: string])[] = [
  ["1.2.840.10008.1.3.10", "a DICOM directory"],
  ["1.2.840.10008.5.1.4.1.1.9.", "a DICOM waveform"],
  ["1.2.840.10008.5.1.4.1.1.11.", "a DICOM presentation state"],
  ["1.2.840.10008.5.1.4.1.1.66", "DICOM raw or registration data"],
  ["1.2.840.10008.5.1.4.1.1.88.", "a DICOM report"],
  ["1.2.840.10008.5.1.4.1.1.104.", "a document in DICOM"],
  ["1.2.840.10008.5.1.4.1.1.481.3", "a DICOM structure set"],
  ["1.2.840.10008.5.1.4.1.1.481.5", "a DICOM treatment plan"],
];

/** A segmentation is a picture, though its class begins as that of raw data does. */
const segmentation = "1.2.840.10008.5.1.4.1.1.66.4";

/**
 * Returns what a DICOM file is if it holds no picture.
 *
 * @param beginning The file's first bytes, at least those of its file header.
 * @returns Undefined for pictures, and for files whose header is damaged.
 */
export function documentKind(beginning: Uint8Array): string | undefined {
  let uid: string;
  try {
    uid = dicomParser.readPart10Header(beginning).string("x00020002") ?? "";
  } catch {
    return undefined; // Reading the file as a slice reports the damage.
  }
  if (uid === segmentation) return undefined;
  return kinds.find(([prefix]) => uid.startsWith(prefix))?.[1];
}

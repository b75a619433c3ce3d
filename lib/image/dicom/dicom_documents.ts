/** Recognises DICOM files that are no slices of scans, such as directories and reports. */

import dicomParser from "../../packages/dicom_parser.ts";

/** Kinds of files that are no slices, by the beginning of their SOP class. */
const kinds: readonly (readonly [uid: string, kind: string])[] = [
  ["1.2.840.10008.1.3.10", "a DICOM directory"],
  ["1.2.840.10008.5.1.4.1.1.9.", "a DICOM waveform"],
  ["1.2.840.10008.5.1.4.1.1.11.", "a DICOM presentation state"],
  ["1.2.840.10008.5.1.4.1.1.66.4", "a DICOM segmentation"],
  ["1.2.840.10008.5.1.4.1.1.66.7", "a DICOM segmentation"],
  ["1.2.840.10008.5.1.4.1.1.66", "DICOM raw or registration data"],
  ["1.2.840.10008.5.1.4.1.1.88.", "a DICOM report"],
  ["1.2.840.10008.5.1.4.1.1.104.", "a document in DICOM"],
  ["1.2.840.10008.5.1.4.1.1.481.3", "a DICOM structure set"],
  ["1.2.840.10008.5.1.4.1.1.481.5", "a DICOM treatment plan"],
];

/** Kinds of files that outline structures, by their SOP class. */
export const structureKinds: Readonly<
  Record<string, "segmentation" | "structure set" | undefined>
> = {
  "1.2.840.10008.5.1.4.1.1.66.4": "segmentation",
  "1.2.840.10008.5.1.4.1.1.66.7": "segmentation", // As numbers of segments.
  "1.2.840.10008.5.1.4.1.1.481.3": "structure set",
};

/**
 * Returns what a DICOM file is if it is no slice of a scan.
 *
 * @param beginning The file's first bytes, at least those of its file header.
 * @returns Undefined for slices, and for files whose header is damaged.
 */
export function documentKind(beginning: Uint8Array): string | undefined {
  const uid = classOf(beginning);
  return kinds.find(([prefix]) => uid?.startsWith(prefix))?.[1];
}

/** Whether a DICOM file outlines structures, judging by its first bytes. */
export function isStructureFile(beginning: Uint8Array): boolean {
  return structureKinds[classOf(beginning) ?? ""] !== undefined;
}

/** The file's SOP class; undefined if its header is damaged. */
function classOf(beginning: Uint8Array): string | undefined {
  try {
    return dicomParser.readPart10Header(beginning).string("x00020002") ?? "";
  } catch {
    return undefined; // Reading the file as a slice reports the damage.
  }
}

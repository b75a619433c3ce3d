/**
 * Encodes label maps as DICOM segmentations: a picture of bits for every slice of every segment.
 *
 * It is written here because its elements are few and fixed: dcmjs would bring 3 MB of packages and
 * still leave them to its caller.
 *
 * @see https://dicom.nema.org/medical/dicom/current/output/chtml/part03/sect_A.51.html
 */

import type { Labels } from "../../array/labels.ts";
import { type DataSet, tags, textIn } from "./dicom_elements.ts";
import type { ArrangedSlices } from "./dicom_series.ts";
import type { DicomSlice } from "./dicom_slice.ts";
import { bytesIn, textDecoderOf } from "./dicom_text.ts";
import { type Element, encodeDicom, newUid, type ValueRepresentation } from "./dicom_writer.ts";

/** The kind of file that a segmentation is. */
export const segmentationClass = "1.2.840.10008.5.1.4.1.1.66.4";

/** A structure to write: voxels with one of some labels. */
export interface Segment {
  readonly name: string;
  readonly labels: readonly number[];
  /** Red, green and blue, 0 to 255, with which viewers show it. */
  readonly color: readonly [red: number, green: number, blue: number];
}

/** What to write. */
export interface SegmentationFile {
  /** Labels, (z, y, x), on the grid of the slices. */
  readonly labels: Labels;
  readonly segments: readonly Segment[];
  /** The slices of the scan, in the order of z. */
  readonly source: ArrangedSlices;
  /** The elements of one of the scan's files, with the patient and the study. */
  readonly sourceElements: DataSet;
  /** What made the labels, at most 64 characters. */
  readonly algorithm: string;
  readonly now: Date;
}

/** Elements of the patient and the study that are copied; those marked are empty if they are missing. */
const copied: readonly (readonly [tag: string, vr: ValueRepresentation, required: boolean])[] = [
  ["00080020", "DA", true], // Study date.
  ["00080030", "TM", true], // Study time.
  ["00080050", "SH", true], // Accession number.
  ["00080090", "PN", true], // Referring physician.
  ["00081030", "LO", false], // Study description.
  ["00100010", "PN", true], // Patient's name.
  ["00100020", "LO", true], // Patient's number.
  ["00100030", "DA", true], // Date of birth.
  ["00100040", "CS", true], // Sex.
  ["0020000d", "UI", true], // Study.
  ["00200010", "SH", true], // Study's number.
  ["00201040", "LO", true], // Position reference.
];

/** Encodes a segmentation. */
export function encodeSegmentation(file: SegmentationFile): Uint8Array<ArrayBuffer> {
  const { segments, source: { slices }, sourceElements, algorithm, now } = file;
  const { rows, columns } = slices[0];
  const frames = framesOf(file);
  const [date, time] = [dateOf(now), timeOf(now)];
  const dimensions = newUid();
  const sopInstance = newUid();
  const elements: Element[] = [
    ...copiedElements(sourceElements),
    ["00080005", "CS", "ISO_IR 192"],
    ["00080008", "CS", "DERIVED\\PRIMARY"],
    ["00080016", "UI", segmentationClass],
    ["00080018", "UI", sopInstance],
    ["00080021", "DA", date],
    ["00080023", "DA", date],
    ["00080031", "TM", time],
    ["00080033", "TM", time],
    ["00080060", "CS", "SEG"],
    ["00080070", "LO", "nnunet-ts"],
    ["0008103e", "LO", "Segmentation"],
    ["00081090", "LO", "nnunet-ts"],
    ["00081115", "SQ", [[
      [
        "0008114a",
        "SQ",
        [...new Map(slices.map((one) => [one.sopInstance, one])).values()]
          .map(referenceTo),
      ],
      ["0020000e", "UI", slices[0].series.uid],
    ]]],
    ["00181000", "LO", "0"],
    ["00181020", "LO", "nnU-Net v2"],
    ["0020000e", "UI", newUid()],
    ["00200011", "IS", [seriesNumberOf(sourceElements)]],
    ["00200013", "IS", [1]],
    ["00200052", "UI", textIn(sourceElements, tags.frameOfReference) ?? newUid()],
    ["00209221", "SQ", [[["00209164", "UI", dimensions]]]],
    ["00209222", "SQ", [
      dimension(dimensions, 0x0062000b, 0x0062000a, "Segment number"),
      dimension(dimensions, 0x00200032, 0x00209113, "Position"),
    ]],
    ["00280002", "US", [1]],
    ["00280004", "CS", "MONOCHROME2"],
    ["00280008", "IS", [frames.length]],
    ["00280010", "US", [rows]],
    ["00280011", "US", [columns]],
    ["00280100", "US", [1]],
    ["00280101", "US", [1]],
    ["00280102", "US", [0]],
    ["00280103", "US", [0]],
    ["00282110", "CS", textIn(sourceElements, "x00282110") === "01" ? "01" : "00"],
    ...textIn(sourceElements, "x00282110") === "01" ? lossyElements(sourceElements) : [],
    ["00620001", "CS", "BINARY"],
    ["00620002", "SQ", segments.map((segment, i) => segmentElements(segment, i + 1, algorithm))],
    ["00620013", "CS", overlap(segments) ? "YES" : "NO"],
    ["00700080", "CS", "SEGMENTATION"],
    ["00700081", "LO", ""],
    ["00700084", "PN", ""],
    ["52009229", "SQ", [sharedGroups(file.source)]],
    ["52009230", "SQ", frames.map(({ segment, z }) => frameGroups(slices, segment, z))],
    ["7fe00010", "OB", packBits(frames, rows * columns)],
  ];
  return encodeDicom(elements, { sopClass: segmentationClass, sopInstance });
}

/** A picture of one segment in one slice. */
interface Frame {
  /** Number of the segment, from 1. */
  readonly segment: number;
  readonly z: number;
  readonly bits: Uint8Array;
}

/** The pictures that are not empty; one that is, if all are, since a file needs one. */
function framesOf({ labels, segments, source: { slices } }: SegmentationFile): Frame[] {
  const { rows, columns } = slices[0];
  const plane = rows * columns;
  const frames: Frame[] = [];
  for (const [index, { labels: wanted }] of segments.entries()) {
    const isWanted = new Uint8Array(65536);
    for (const label of wanted) isWanted[label] = 1;
    for (let z = 0; z < slices.length; z++) {
      const bits = new Uint8Array(plane);
      let any = 0;
      for (let i = 0; i < plane; i++) any |= bits[i] = isWanted[labels[z * plane + i]];
      if (any) frames.push({ segment: index + 1, z, bits });
    }
  }
  return frames.length > 0 ? frames : [{ segment: 1, z: 0, bits: new Uint8Array(plane) }];
}

/** Bits of all pictures without gaps, the lowest bit of a byte first. */
function packBits(frames: readonly Frame[], plane: number): Uint8Array {
  const packed = new Uint8Array(Math.ceil(frames.length * plane / 8));
  for (const [index, { bits }] of frames.entries()) {
    for (let i = 0, bit = index * plane; i < plane; i++, bit++) {
      packed[bit >> 3] |= bits[i] << (bit & 7);
    }
  }
  return packed;
}

function copiedElements(source: DataSet): Element[] {
  const decode = textDecoderOf(source);
  return copied.flatMap(([tag, vr, required]): Element[] => {
    const bytes = bytesIn(source, `x${tag}`);
    if (!bytes || vr === "UI") {
      const uid = vr === "UI" ? textIn(source, `x${tag}`) ?? newUid() : "";
      return bytes || required ? [[tag, vr, uid]] : [];
    }
    return [[tag, vr, decode(bytes)]];
  });
}

/** How the scan was compressed with loss, which its segmentation has to repeat. */
function lossyElements(source: DataSet): Element[] {
  return (["00282112", "00282114"] as const).flatMap((tag): Element[] => {
    const text = textIn(source, `x${tag}`);
    return text === undefined ? [] : [[tag, tag === "00282112" ? "DS" : "CS", text]];
  });
}

/** A number that follows the scan's, as viewers sort series by it. */
function seriesNumberOf(source: DataSet): number {
  const number = Number(textIn(source, tags.seriesNumber) ?? 0);
  return Number.isInteger(number) && number >= 0 && number < 1e6 ? number + 1000 : 1000;
}

function overlap(segments: readonly Segment[]): boolean {
  const all = segments.flatMap(({ labels }) => labels);
  return new Set(all).size < all.length;
}

function referenceTo({ sopClass, sopInstance }: DicomSlice): Element[] {
  return [["00081150", "UI", sopClass], ["00081155", "UI", sopInstance]];
}

function dimension(uid: string, pointer: number, group: number, name: string): Element[] {
  return [
    ["00209164", "UI", uid],
    ["00209165", "AT", [pointer]],
    ["00209167", "AT", [group]],
    ["00209421", "LO", name],
  ];
}

function segmentElements(
  { name, color }: Segment,
  number: number,
  algorithm: string,
): Element[] {
  // Labels of a data set are any structures; SNOMED has a word for that.
  const structure = code("123037004", "SCT", "Anatomical Structure");
  return [
    ["00620003", "SQ", [structure]],
    ["00620004", "US", [number]],
    ["00620005", "LO", shortened(name)],
    ["00620008", "CS", "AUTOMATIC"],
    ["00620009", "LO", shortened(algorithm)],
    ["0062000d", "US", cielab(color)],
    ["0062000f", "SQ", [structure]],
  ];
}

/** At most 64 characters, without those that separate values or control terminals. */
function shortened(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/[\\\x00-\x1f\x7f]/g, "_").slice(0, 64);
}

function code(value: string, scheme: string, meaning: string): Element[] {
  return [["00080100", "SH", value], ["00080102", "SH", scheme], ["00080104", "LO", meaning]];
}

/**
 * Converts sRGB to DICOM's CIELab of 16 bits, for a white of D50.
 *
 * @see https://dicom.nema.org/medical/dicom/current/output/chtml/part03/sect_C.10.7.html
 */
function cielab(color: readonly number[]): number[] {
  const [r, g, b] = color.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  const [x, y, z] = [
    (0.4360747 * r + 0.3850649 * g + 0.1430804 * b) / 0.96422,
    0.2225045 * r + 0.7168786 * g + 0.0606169 * b,
    (0.0139322 * r + 0.0971045 * g + 0.7141733 * b) / 0.82521,
  ].map((part) => part > 216 / 24389 ? Math.cbrt(part) : (24389 / 27 * part + 16) / 116);
  const lab = [116 * y - 16, 500 * (x - y), 200 * (y - z)];
  return [lab[0] / 100 * 65535, (lab[1] + 128) / 255 * 65535, (lab[2] + 128) / 255 * 65535]
    .map((value) => Math.round(Math.min(65535, Math.max(0, value))));
}

function sharedGroups({ slices, geometry }: ArrangedSlices): Element[] {
  const [{ rowDirection, columnDirection, pixelSpacing }] = slices;
  const [thickness] = geometry.spacing;
  return [
    ["00209116", "SQ", [[["00200037", "DS", [...rowDirection, ...columnDirection]]]]],
    ["00289110", "SQ", [[
      ["00180050", "DS", [thickness]],
      ["00180088", "DS", [thickness]],
      ["00280030", "DS", pixelSpacing],
    ]]],
  ];
}

function frameGroups(slices: readonly DicomSlice[], segment: number, z: number): Element[] {
  const slice = slices[z];
  const source: Element[] = [
    ...referenceTo(slice),
    ...slice.frame === undefined ? [] : [["00081160", "IS", [slice.frame]] as const],
    ["0028135a", "CS", "YES"],
    ["0040a170", "SQ", [code("121322", "DCM", "Source image for image processing operation")]],
  ];
  return [
    ["00089124", "SQ", [[
      ["00082112", "SQ", [source]],
      ["00089215", "SQ", [code("113076", "DCM", "Segmentation")]],
    ]]],
    ["00209111", "SQ", [[["00209157", "UL", [segment, z + 1]]]]],
    ["00209113", "SQ", [[["00200032", "DS", slice.position]]]],
    ["0062000a", "SQ", [[["0062000b", "US", [segment]]]]],
  ];
}

function dateOf(now: Date): string {
  return [now.getFullYear(), now.getMonth() + 1, now.getDate()]
    .map((part, i) => `${part}`.padStart(i === 0 ? 4 : 2, "0")).join("");
}

function timeOf(now: Date): string {
  return [now.getHours(), now.getMinutes(), now.getSeconds()]
    .map((part) => `${part}`.padStart(2, "0")).join("");
}

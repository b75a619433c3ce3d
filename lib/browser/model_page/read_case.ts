/** Reads the scans of a case that were added to the page. */

import type { Zyx } from "../../array/nd_array.ts";
import { requirePredictable } from "../../inference/check_scan.ts";
import { decodeScan } from "../../image/decode_file.ts";
import { readDicomSlices } from "../../image/dicom/dicom_file.ts";
import { joinDicomSlices, slicesOfFiles } from "../../image/dicom/dicom_series.ts";
import type { DicomSlice } from "../../image/dicom/dicom_slice.ts";
import { isPlanar } from "../../image/geometry.ts";
import type { Geometry, Image } from "../../image/image.ts";
import { joinChannels, requireSameGrid } from "../../image/join_channels.ts";
import { readHeaderOf } from "../../image/nifti/nifti_file.ts";
import { type Reader, readerOf } from "../../image/reader.ts";
import { formatOf } from "../../image/registry.ts";
import type { PageFacts } from "../segmenter.ts";
import type { PageScan } from "./find_scans.ts";
import { pageSource } from "./page_source.ts";

/** What only the reader can say about a scan. */
export type Question =
  | { readonly kind: "spacing"; readonly path: string; readonly shape: Zyx }
  | {
    readonly kind: "series";
    readonly path: string;
    readonly choices: readonly { readonly uid: string; readonly text: string }[];
  };

/** What the reader has said about a case. */
export interface Answers {
  /** Spacing in mm, (z, y, x), of scans whose files do not store it. */
  readonly spacing?: Zyx;
  /** Identifiers of the series to take, by the paths of folders with several. */
  readonly series: ReadonlyMap<string, string>;
}

/** How a case is read. */
export interface ReadCaseOptions {
  readonly facts: PageFacts;
  readonly answers: Answers;
  readonly signal: AbortSignal;
  /** Called with each grid as soon as it is known; fails if such a scan does not fit. */
  readonly onGrid: (geometry: Geometry) => Promise<void>;
  /** Called with what may not be as intended, such as slices of a tilted gantry. */
  readonly onWarning: (message: string) => void;
}

/**
 * Reads a case.
 *
 * @param name The case's name, for messages.
 * @param parts One scan per channel, or one with all channels.
 * @returns The scan, (c, z, y, x), or a question to answer before it can be read.
 * @throws {TypeError | RangeError} If a file is damaged or of another format, or the model cannot
 * segment such a scan.
 * @throws {DOMException} If the signal is aborted.
 */
export async function readCase(
  name: string,
  parts: readonly PageScan[],
  options: ReadCaseOptions,
): Promise<Image | Question> {
  const { facts, signal, onGrid } = options;
  const images: Image[] = [];
  for (const part of parts) {
    signal.throwIfAborted();
    const image = part.isSeries
      ? await readSeries(part, options)
      : await readImageFile(part, options);
    if ("kind" in image) return image;
    requireSameGrid(
      { path: parts[0].path, image: images[0] ?? image },
      { path: part.path, image },
    );
    images.push(image);
  }
  signal.throwIfAborted();
  const scan = joinChannels(images);
  requirePredictable(name, scan, {
    datasetJson: { channelNames: facts.channels.map(({ name }) => name) },
    configuration: facts,
  });
  await onGrid(scan.geometry);
  return scan;
}

/** Returns the number of channels in a scan's file; 1 if it cannot be read, which reading reports. */
export async function countChannels(scan: PageScan): Promise<number> {
  if (scan.isSeries) return 1;
  const [file] = scan.files;
  try {
    const source = pageSource(file, scan.others);
    if (isNifti(file.path)) return (await readHeaderOf(source, "ITK")).channels;
    return (await decodeScan(source, readerOf(undefined, file.path))).channels;
  } catch {
    return 1;
  }
}

/**
 * Returns a reader that determines grids as the model's does, and leaves voxels where they are: the
 * segmenter reorients them, and the label map belongs to the file's grid.
 */
export function plainReader(name: string, path: string): Reader {
  return { ...readerOf(name, path), reorients: false };
}

function isNifti(path: string): boolean {
  return /\.(nii(\.gz)?|hdr)$/i.test(path);
}

async function readImageFile(
  { files: [file], others }: PageScan,
  { facts, answers, onGrid }: ReadCaseOptions,
): Promise<Image | Question> {
  const { path } = file;
  const source = pageSource(file, others, answers.spacing);
  const reader = plainReader(facts.reader, path);
  // The grid is checked before memory is taken for the voxels, where the header has it.
  if (isNifti(path)) await onGrid((await readHeaderOf(source, reader.convention)).geometry);
  const image = await decodeScan(source, reader);
  const { geometry } = image;
  const needsSpacing = formatOf(path, "read").hasSpacingFile && !isPlanar(geometry) &&
    !await source.readSpacing();
  return needsSpacing ? { kind: "spacing", path, shape: geometry.shape } : image;
}

async function readSeries(
  { path, files }: PageScan,
  { answers, signal, onWarning }: ReadCaseOptions,
): Promise<Image | Question> {
  const read: DicomSlice[][] = [];
  for (const { path, file } of files) {
    signal.throwIfAborted();
    read.push(await readDicomSlices(new Uint8Array(await file.arrayBuffer()), path));
  }
  const slices = slicesOfFiles(read, path);
  const bySeries = Map.groupBy(slices, ({ series }) => series.uid);
  const series = answers.series.get(path);
  if (bySeries.size > 1 && series === undefined) {
    const choices = [...bySeries].map(([uid, slices]) => ({ uid, text: titleOf(slices) }));
    return { kind: "series", path, choices };
  }
  return await joinDicomSlices(slices, path, { series, onWarning });
}

/** Describes a series as `4: CT Thorax, 40 slices of 512 × 512`. */
function titleOf(slices: readonly DicomSlice[]): string {
  const [{ series: { number, modality, description }, rows, columns }] = slices;
  const title = [modality, description].filter((text) => text).join(" ") || "series";
  return `${number === undefined ? "" : `${number}: `}${title}, ${slices.length} ` +
    `${slices.length === 1 ? "slice" : "slices"} of ${columns} × ${rows}`;
}

/** Formats a grid as `64 × 80 × 64 voxels of 1 × 1 × 1 mm`, or `640 × 480 pixels`, x first. */
export function describeGrid(geometry: Geometry): string {
  const [z, y, x] = geometry.shape;
  if (isPlanar(geometry)) return `${x} × ${y} pixels`;
  const millimetres = [...geometry.spacing].reverse().map((one) => +one.toFixed(3)).join(" × ");
  return `${x} × ${y} × ${z} voxels of ${millimetres} mm`;
}

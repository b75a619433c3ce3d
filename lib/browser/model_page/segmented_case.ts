/** What the page keeps of a segmented case: the file to save, volumes, and what the viewer shows. */

import type { Labels } from "../../array/labels.ts";
import { sizeOf, type Zyx, zyx } from "../../array/nd_array.ts";
import { busiestSlices } from "../../display/busiest_slices.ts";
import { classColor, type Rgb } from "../../display/class_colors.ts";
import { blockLabels, blockMeans, coarseShape, strideFor } from "../../display/coarsen.ts";
import { greyLevels, quantiles } from "../../display/grey_levels.ts";
import {
  labelBytes,
  type ViewerData,
  viewerData,
  type ViewerScan,
} from "../../display/viewer_data.ts";
import { countLabelPairs, overlapsOf } from "../../evaluation/overlap.ts";
import { decodeSegmentation } from "../../image/decode_file.ts";
import { encodeSegmentation } from "../../image/encode_file.ts";
import { isPlanar } from "../../image/geometry.ts";
import type { Geometry, Image, Segmentation } from "../../image/image.ts";
import { bytesSource } from "../../image/image_source.ts";
import { readerOf } from "../../image/reader.ts";
import { yieldToEventLoop } from "../../runtime/event_loop.ts";
import type { PageFacts } from "../segmenter.ts";

/** Largest number of voxels in the viewer, as in notebooks. */
const MAX_VOXELS = 144 ** 3;

/** A class and what was found of it. */
export interface FoundClass {
  readonly name: string;
  /** Its label in label maps. */
  readonly label: number;
  /** The labels that it covers: its own, or those of a region. */
  readonly labels: readonly number[];
  readonly color: Rgb;
  readonly voxels: number;
  /** Its volume in millilitres; undefined for a picture. */
  readonly millilitres?: number;
}

/** A truth that the segmentation was compared with. */
export interface ComparedTruth {
  /** Name of its file. */
  readonly name: string;
  /** Dice per class, in the order of the classes; NaN for a class in neither map. */
  readonly dice: readonly number[];
  /** Its labels on the viewer's grid. */
  readonly shown: Labels;
}

/** A segmented case. The scan itself is not kept, so that many cases fit into memory. */
export interface SegmentedCase {
  readonly name: string;
  /** Grid of scan and label map. */
  readonly geometry: Geometry;
  readonly classes: readonly FoundClass[];
  /** The label map as `.nii.gz`, on the scan's grid. */
  readonly file: Blob;
  readonly seconds: number;
  /** What may not be as intended in the scan. */
  readonly warnings: readonly string[];
  /** Voxels per voxel of the viewer, (z, y, x). */
  readonly stride: Zyx;
  /** The channels in the viewer, and the values to show as black and white. */
  readonly channels: readonly (ViewerScan & { readonly window: readonly [number, number] })[];
  /** The labels in the viewer. */
  readonly shown: Labels;
}

/** Describes a segmented case. */
export async function describeCase(
  name: string,
  scan: Image,
  segmentation: Segmentation,
  facts: PageFacts,
  { seconds, warnings }: Pick<SegmentedCase, "seconds" | "warnings">,
): Promise<SegmentedCase> {
  const { geometry } = scan;
  const { shape, spacing } = geometry;
  const { content } = await encodeSegmentation(fileNameOf(name), { ...segmentation, geometry });
  const stride = strideFor(shape, spacing, MAX_VOXELS);
  const size = sizeOf(shape);
  const channels: SegmentedCase["channels"][number][] = [];
  for (let channel = 0; channel < scan.channels; channel++) {
    await yieldToEventLoop(); // A large channel takes a tenth of a second.
    const values = scan.data.subarray(channel * size, (channel + 1) * size);
    const range = quantiles(values, 0.001, 0.999);
    channels.push({
      voxels: greyLevels(blockMeans(values, shape, stride), range),
      range,
      window: quantiles(values, 0.005, 0.995),
    });
  }
  return {
    name,
    geometry,
    classes: classesIn(segmentation.data, geometry, facts),
    // A format with one file encodes bytes.
    file: new Blob([content as Uint8Array<ArrayBuffer>], { type: "application/gzip" }),
    seconds,
    warnings,
    stride,
    channels,
    shown: blockLabels(segmentation.data, shape, stride),
  };
}

/** Name of the file of a case's label map. */
export function fileNameOf(name: string): string {
  return `${name}.nii.gz`;
}

/** Measures the classes. The volume of a voxel is the product of its spacing. */
function classesIn(labels: Labels, geometry: Geometry, facts: PageFacts): FoundClass[] {
  const counts = new Float64Array(1 << 16);
  for (let voxel = 0; voxel < labels.length; voxel++) counts[labels[voxel]]++;
  const cubicMillimetres = geometry.spacing.reduce((a, b) => a * b);
  return facts.classes.map(({ name, label, labels }, i) => {
    const voxels = labels.reduce((sum, one) => sum + counts[one], 0);
    return {
      name,
      label,
      labels,
      color: classColor(i),
      voxels,
      ...isPlanar(geometry) ? {} : { millilitres: voxels * cubicMillimetres / 1000 },
    };
  });
}

/** Returns a case's label map, (z, y, x). */
export async function labelMapOf({ name, file }: SegmentedCase): Promise<Segmentation> {
  const fileName = fileNameOf(name);
  const content = new Uint8Array(await file.arrayBuffer());
  return await decodeSegmentation(bytesSource(fileName, content), readerOf(undefined, fileName));
}

/**
 * Compares a case with a truth.
 *
 * @param truth Label map on the case's grid.
 * @param ignoreLabel Voxels with this label in the truth are not counted; by default all are.
 * @throws {RangeError} If the truth has another shape.
 */
export async function compareWithTruth(
  one: SegmentedCase,
  truth: Segmentation & { readonly name: string },
  ignoreLabel?: number,
): Promise<ComparedTruth> {
  const { shape } = one.geometry;
  const found = truth.geometry.shape;
  if (found.some((extent, axis) => extent !== shape[axis])) {
    const sizes = [found, shape].map((zyx) => [...zyx].reverse().join(" × "));
    throw new RangeError(
      `Cannot compare with ${truth.name}: it has ${sizes[0]} voxels, expected the scan's ${
        sizes[1]
      }`,
    );
  }
  const { data } = await labelMapOf(one);
  const labels = one.classes.map(({ labels }) => labels);
  const counted = [...new Set(labels.flat())];
  const overlaps = overlapsOf(countLabelPairs(truth.data, data, counted, ignoreLabel), labels);
  return {
    name: truth.name,
    dice: overlaps.map(({ dice }) => dice),
    shown: blockLabels(truth.data, shape, one.stride),
  };
}

/** Returns the data for the viewer. @param channel Index of the channel to show. */
export function viewedCase(
  { geometry, classes, stride, channels, shown }: SegmentedCase,
  channel: number,
  truth?: ComparedTruth,
): ViewerData {
  const present = new Set<number>();
  for (const labels of [shown, ...truth ? [truth.shown] : []]) {
    for (let voxel = 0; voxel < labels.length; voxel++) present.add(labels[voxel]);
  }
  const { window, ...scan } = channels[channel];
  return viewerData({
    title: "", // The page has it as a heading.
    geometry,
    stride,
    cursor: zyx(busiestSlices([truth?.shown, shown], coarseShape(geometry.shape, stride))),
    window,
    opacity: 0.4,
    scan,
    overlays: [
      ...truth ? [{ name: "Ground truth", ...labelBytes(truth.shown) }] : [],
      { name: "Segmentation", ...labelBytes(shown) },
    ],
    classes: classes.flatMap(({ name, label, color }, i) => {
      if (!present.has(label)) return [];
      const dice = truth?.dice[i] ?? NaN;
      return { name, label, color, ...Number.isNaN(dice) ? {} : { dice } };
    }),
  });
}

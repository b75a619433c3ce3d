/** Checks the files of one case. */

import { basename } from "../platform/paths.ts";
import { axisCodes } from "../image/geometry.ts";
import type { Geometry, Image, Segmentation } from "../image/image.ts";
import { readImage, readSegmentation } from "../image/image_files.ts";
import { count } from "../options/count.ts";
import type { AnyCase } from "./case.ts";
import { gridDifferences } from "./compare_grids.ts";
import { isPictureMask, labelsIn } from "./find_labels.ts";
import { sha256 } from "../platform/sha256.ts";

/** A problem in a data set, certain or possible. */
export interface Problem {
  /** Errors prevent training; warnings may be intended. */
  readonly severity: "error" | "warning";
  /** What kind of problem it is, such as `origin`, for those that many cases may have alike. */
  readonly kind?: string;
  /** Name of the affected case, if there is one. */
  readonly case?: string;
  /** Path of the affected file, if there is one. */
  readonly file?: string;
  /** What was found and, where it is not obvious, what was expected. */
  readonly message: string;
  /** The error of a file that cannot be read; `message` is its message, which names the file. */
  readonly cause?: Error;
}

/** Result of {@link checkCase}. */
export interface CaseCheck {
  readonly problems: readonly Problem[];
  /** Labels in the label map, ascending; empty if it is missing or unreadable. */
  readonly labels: readonly number[];
  /** Traits of the images; unreadable ones are omitted. */
  readonly images: readonly ImageTraits[];
}

/** Traits by which images are compared between cases. */
export interface ImageTraits {
  readonly file: string;
  /** Directions of the voxel axes, such as `RAS`. */
  readonly axes: string;
  /** Hash of shape and voxels; undefined if all voxels are equal. */
  readonly content?: string;
}

/** How to check a case. */
export interface CheckOptions {
  /** Labels that may occur; any by default. */
  readonly declared?: readonly number[];
  /** Name of the reader to read files as; by default, nnU-Net's choice for their ending. */
  readonly reader?: string;
  /** For folders of DICOM slices of several series, the one to read. */
  readonly series?: string | number;
  /** Called with what may not be as intended in a scan. */
  readonly onWarning?: (message: string) => void;
  /** Reads a case's label map if it is drawn from structures. */
  readonly readStructures?: (one: AnyCase) => Promise<Segmentation>;
}

/**
 * Reads a case's files and collects all problems.
 *
 * Shapes and spacings that differ from the first image's are errors; origins and directions that
 * differ are warnings, as in nnU-Net. One file is in memory at a time.
 *
 * @param channels Number of channels that the images must have in total.
 * @param options Labels that may occur, and the reader.
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/experiment_planning/verify_dataset_integrity.py
 */
export async function checkCase(
  one: AnyCase,
  channels: number,
  { declared, reader, series, onWarning, readStructures }: CheckOptions = {},
): Promise<CaseCheck> {
  const { name, images, label, hasStructures } = one;
  const problems: Problem[] = [];
  const report = (severity: Problem["severity"], file: string, message: string, kind?: string) => {
    problems.push({ severity, case: name, file, message, ...kind && { kind } });
  };
  const reportUnreadable = (file: string, cause: Error) => {
    problems.push({ severity: "error", case: name, file, message: cause.message, cause });
  };
  let first: { readonly file: string; readonly geometry: Geometry } | undefined;
  const compare = (file: string, geometry: Geometry) => {
    first ??= { file, geometry };
    for (const { severity, kind, message } of gridDifferences(geometry, first.geometry)) {
      report(severity, file, `${message} as ${basename(first.file)} has`, kind);
    }
  };

  const traits: ImageTraits[] = [];
  let found = 0;
  let unreadable = 0;
  for (const file of images) {
    try {
      const image = await readImage([file], { reader, series, onWarning });
      found += image.channels;
      compare(file, image.geometry);
      const { broken, uniform } = surveyValues(image.data);
      if (broken > 0) {
        report("error", file, `${broken} voxels are NaN or infinite, expected finite numbers`);
      } else if (uniform) {
        report(
          "warning",
          file,
          `every voxel is ${image.data[0]}, expected different values`,
          "constant",
        );
      }
      traits.push({
        file,
        axes: axisCodes(image.geometry),
        ...(!uniform && { content: await contentHash(image) }),
      });
    } catch (error) {
      unreadable++;
      reportUnreadable(file, error as Error);
    }
  }
  if (found + unreadable !== channels) {
    const files = images.map((file) => basename(file)).join(", ") || "no files";
    problems.push({
      severity: "error",
      case: name,
      message: `found ${count(found + unreadable, "channel")} (${files}), expected ${channels}`,
    });
  }
  if (label === undefined) return { problems, labels: [], images: traits };

  let labels: number[] = [];
  try {
    const segmentation = hasStructures && readStructures
      ? await readStructures(one)
      : await readSegmentation(label, { reader });
    compare(label, segmentation.geometry);
    labels = labelsIn(segmentation);
    const undeclared = declared ? labels.filter((value) => !declared.includes(value)) : [];
    if (undeclared.length > 0) {
      report(
        "error",
        label,
        `found the labels ${undeclared.join(", ")}, expected only ${declared?.join(", ")}` +
          (isPictureMask(labels) ? pictureMaskNote : ""),
      );
    }
    if (labels.every((value) => value === 0)) {
      report("warning", label, "found nothing but background");
    }
  } catch (error) {
    reportUnreadable(label, error as Error);
  }
  return { problems, labels, images: traits };
}

/** Advice for an existing data set, in which the label 255 cannot be declared. */
const pictureMaskNote =
  " (a black-and-white mask; write 1 for 255 in the label maps, or recreate " +
  "the data set from these folders with `classes: { NAME: 255 }`)";

function surveyValues(data: Float32Array) {
  let broken = 0;
  let same = 0;
  for (let i = 0; i < data.length; i++) {
    if (!Number.isFinite(data[i])) broken++;
    if (data[i] === data[0]) same++;
  }
  return { broken, uniform: same === data.length };
}

/** Returns a hash that is equal for images with the same shape and voxels. */
async function contentHash({ geometry, data }: Image): Promise<string> {
  const shape = new TextEncoder().encode(`${geometry.shape}`);
  const voxels = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return (await sha256(shape, voxels)).toBase64();
}

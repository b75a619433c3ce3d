/** Everything that can be wrong with one case's files. */

import { basename } from "../platform/paths.ts";
import { sameShape } from "../array/nd_array.ts";
import { allClose, axisCodes, directionOf, originOf } from "../image/geometry.ts";
import type { Geometry, Image } from "../image/image.ts";
import { readImage, readSegmentation } from "../image/registry.ts";
import type { TestCase, TrainingCase } from "./case.ts";
import { isPictureMask, labelsIn } from "./find_labels.ts";
import { sha256 } from "../platform/sha256.ts";

/** Something that is wrong with a data set, or may be. */
export interface Problem {
  /** Errors spoil training; warnings may be meant. */
  readonly severity: "error" | "warning";
  /** Name of the case, if it is about one. */
  readonly case?: string;
  /** Path of the file, if it is about one. */
  readonly file?: string;
  readonly message: string;
}

/** What a look at a case's files finds. */
export interface CaseCheck {
  readonly problems: readonly Problem[];
  /** Labels in its label map, ascending; none if that is missing or unreadable. */
  readonly labels: readonly number[];
  /** What tells its images from others; those that cannot be read are left out. */
  readonly images: readonly ImageTraits[];
}

/** What tells an image from others. */
export interface ImageTraits {
  readonly file: string;
  /** Where its voxel axes lead, e.g. `RAS`. */
  readonly axes: string;
  /** The same for images of the same voxels; none if all voxels are alike. */
  readonly content?: string;
}

/**
 * Reads a case's files and collects every problem.
 *
 * Shapes and spacings have to agree with the first image's; that origins and directions do is only
 * advised, as in nnU-Net. One file is held in memory at a time.
 *
 * @param channels Number of channels its images have to give together.
 * @param declared Labels that may occur; any if absent.
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/experiment_planning/verify_dataset_integrity.py
 */
export async function checkCase(
  { name, images, label }: TestCase & Partial<Pick<TrainingCase, "label">>,
  channels: number,
  declared?: readonly number[],
): Promise<CaseCheck> {
  const problems: Problem[] = [];
  const report = (severity: Problem["severity"], file: string, message: string) => {
    problems.push({ severity, case: name, file, message });
  };
  let first: { readonly file: string; readonly geometry: Geometry } | undefined;
  const compare = (file: string, geometry: Geometry) => {
    first ??= { file, geometry };
    for (const { severity, message } of differences(geometry, first.geometry)) {
      report(severity, file, `${message} as ${basename(first.file)} has`);
    }
  };

  const traits: ImageTraits[] = [];
  let found = 0;
  let unreadable = 0;
  for (const file of images) {
    try {
      const image = await readImage([file]);
      found += image.channels;
      compare(file, image.geometry);
      const { broken, uniform } = surveyValues(image.data);
      if (broken > 0) {
        report("error", file, `${broken} voxels are NaN or infinite, expected finite numbers`);
      } else if (uniform) {
        report("warning", file, `every voxel is ${image.data[0]}, expected a picture`);
      }
      traits.push({
        file,
        axes: axisCodes(image.geometry),
        ...(!uniform && { content: await contentHash(image) }),
      });
    } catch (error) {
      unreadable++;
      report("error", file, (error as Error).message);
    }
  }
  if (found + unreadable !== channels) {
    const files = images.map((file) => basename(file)).join(", ") || "no files";
    problems.push({
      severity: "error",
      case: name,
      message: `found ${found + unreadable} channels (${files}), expected ${channels}`,
    });
  }
  if (label === undefined) return { problems, labels: [], images: traits };

  let labels: number[] = [];
  try {
    const segmentation = await readSegmentation(label);
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
    report("error", label, (error as Error).message);
  }
  return { problems, labels, images: traits };
}

/** What helps a data set that is there: its labels cannot be declared as they are. */
const pictureMaskNote =
  " (a mask of black and white; write 1 for 255 in the label maps, or create " +
  "the data set anew from these folders with { NAME: 255 } for its classes)";

function surveyValues(data: Float32Array) {
  let broken = 0;
  let same = 0;
  for (let i = 0; i < data.length; i++) {
    if (!Number.isFinite(data[i])) broken++;
    if (data[i] === data[0]) same++;
  }
  return { broken, uniform: same === data.length };
}

/** The same text for images of the same shape and voxels. */
async function contentHash({ geometry, data }: Image): Promise<string> {
  const shape = new TextEncoder().encode(`${geometry.shape}`);
  const voxels = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return (await sha256(shape, voxels)).toBase64();
}

function differences(found: Geometry, needed: Geometry): Pick<Problem, "severity" | "message">[] {
  if (!sameShape(found.shape, needed.shape)) {
    return [{
      severity: "error",
      message: `shape is ${found.shape.join(" × ")}, expected ${needed.shape.join(" × ")}`,
    }];
  }
  if (!allClose(found.spacing, needed.spacing)) {
    return [{
      severity: "error",
      message: `spacing is ${found.spacing.join(" × ")} mm, expected ${
        needed.spacing.join(" × ")
      } mm`,
    }];
  }
  const aspects = [["origin", originOf], ["direction", directionOf]] as const;
  const warnings = aspects
    .filter(([, of]) => !agree(of(found), of(needed)))
    .map(([aspect, of]) => `${aspect} is ${list(of(found))}, expected ${list(of(needed))}`);
  if (warnings.length === 0 && !agree(found.affine, needed.affine)) {
    warnings.push(`affine is ${list(found.affine)}, expected ${list(needed.affine)}`);
  }
  return warnings.map((message) => ({ severity: "warning", message }));
}

/** As `numpy.allclose`, but blind to the last digits of float32 where a component is near zero. */
function agree(a: readonly number[], b: readonly number[]): boolean {
  return a.every((value, i) => Math.abs(value - b[i]) <= 1e-5 * (1 + Math.abs(b[i])));
}

function list(values: readonly number[]): string {
  return `(${values.map((value) => Number(value.toPrecision(6))).join(", ")})`;
}

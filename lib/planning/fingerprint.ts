/**
 * Extracts a data set's fingerprint: shapes, spacings and foreground intensities.
 *
 * Upstream samples 10⁸ foreground voxels, the same number from each case. Here, too, cases have equal
 * weight, but mean, deviation and range are exact, and percentiles are computed from evenly spaced
 * quantiles. This needs less memory and gives the same result every time.
 *
 * @see MIC-DKFZ/nnUNet@0e495086
 * nnunetv2/experiment_planning/dataset_fingerprint/fingerprint_extractor.py
 */

import { sizeOf } from "../array/nd_array.ts";
import { median } from "../array/quantile.ts";
import type { TrainingCase } from "../dataset/case.ts";
import type { CaseError } from "../dataset/case_error.ts";
import { caseError, throwIfFailed } from "../dataset/failed_cases_error.ts";
import type { Image, Segmentation } from "../image/image.ts";
import { type CroppedCase, cropToNonzero } from "../preprocessing/crop.ts";
import { requireFinite } from "../preprocessing/require_finite.ts";
import {
  type IntensitySummary,
  pooledProperties,
  summarizeIntensities,
} from "./intensity_summary.ts";
import type { Fingerprint } from "../files/plans.ts";

/** Functions that read cases, and progress options. */
export interface FingerprintOptions {
  readonly readImage: (paths: readonly string[]) => Promise<Image>;
  readonly readSegmentation: (path: string) => Promise<Segmentation>;
  readonly signal?: AbortSignal;
  /** Called after each case. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Total number of quantiles kept per channel over all cases: 16 MB. */
const QUANTILES = 4e6;

/** What is done, for messages. */
const ACTION = "extract a fingerprint of";

interface CaseFacts {
  readonly spacing: readonly number[];
  readonly shapeAfterCrop: readonly number[];
  /** Fraction of voxels left by cropping to the nonzero region. */
  readonly relativeSize: number;
  /** One summary per channel; empty if the case has no foreground. */
  readonly intensities: readonly IntensitySummary[];
}

/**
 * Extracts a fingerprint, reading every case once, sequentially.
 *
 * @throws {RangeError} If there are no cases, or none has foreground.
 * @throws {FailedCasesError} If cases cannot be read or used; it names all of them.
 * @throws The signal's reason, if it is aborted.
 */
export async function extractFingerprint(
  cases: readonly TrainingCase[],
  options: FingerprintOptions,
): Promise<Fingerprint> {
  if (cases.length === 0) {
    throw new RangeError(
      "Cannot extract a fingerprint: found no training cases, expected at least one",
    );
  }
  const quantileCount = Math.max(1, Math.floor(QUANTILES / cases.length));
  const facts: CaseFacts[] = [];
  const failures: CaseError[] = [];
  const finished: string[] = [];
  for (const one of cases) {
    options.signal?.throwIfAborted();
    try {
      facts.push(await factsOf(one, options, quantileCount));
      finished.push(one.name);
    } catch (error) {
      failures.push(caseError(one.name, ACTION, error));
    }
    options.onProgress?.(facts.length + failures.length, cases.length);
  }
  throwIfFailed(ACTION, failures, { finished, cases });
  return {
    spacings: facts.map(({ spacing }) => spacing),
    shapesAfterCrop: facts.map(({ shapeAfterCrop }) => shapeAfterCrop),
    medianRelativeSizeAfterCropping: median(facts.map(({ relativeSize }) => relativeSize)),
    intensityProperties: poolChannels(facts.map(({ intensities }) => intensities)),
  };
}

async function factsOf(
  { images, label }: TrainingCase,
  { readImage, readSegmentation }: FingerprintOptions,
  quantileCount: number,
): Promise<CaseFacts> {
  const image = await readImage(images);
  requireFinite(image.data);
  const segmentation = await readSegmentation(label);
  const { shape, spacing } = image.geometry;
  const cropped = cropToNonzero(
    { shape: [image.channels, ...shape], data: image.data },
    { shape: segmentation.geometry.shape, data: segmentation.data },
  );
  const shapeAfterCrop = cropped.segmentation.shape;
  return {
    spacing,
    shapeAfterCrop,
    relativeSize: sizeOf(shapeAfterCrop) / sizeOf(shape),
    intensities: foregroundOf(cropped).map((values) => summarizeIntensities(values, quantileCount)),
  };
}

/** Returns the intensities of foreground voxels per channel; empty if there are none. */
function foregroundOf({ data, segmentation }: CroppedCase): Float32Array<ArrayBuffer>[] {
  const count = countForeground(segmentation);
  if (count === 0) return [];
  const size = segmentation.data.length;
  return Array.from({ length: data.shape[0] }, (_, channel) => {
    const values = new Float32Array(count);
    let next = 0;
    for (let i = 0; i < size; i++) {
      if (segmentation.data[i] > 0) values[next++] = data.data[channel * size + i];
    }
    return values;
  });
}

function countForeground({ data }: CroppedCase["segmentation"]): number {
  let count = 0;
  for (const label of data) if (label > 0) count++;
  return count;
}

function poolChannels(cases: readonly (readonly IntensitySummary[])[]) {
  const labelled = cases.filter((channels) => channels.length > 0);
  if (labelled.length === 0) {
    throw new RangeError(
      "Cannot extract a fingerprint: found no foreground label in any case, expected at least one",
    );
  }
  const channelCount = labelled[0].length;
  const deviant = labelled.find((channels) => channels.length !== channelCount);
  if (deviant) {
    throw new RangeError(
      `Cannot extract a fingerprint: found cases with ${channelCount} and ${deviant.length} ` +
        "channels, expected the same number in all cases",
    );
  }
  return labelled[0].map((_, channel) =>
    pooledProperties(labelled.map((channels) => channels[channel]))
  );
}

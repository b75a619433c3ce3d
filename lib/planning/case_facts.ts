/** Measures one case for a fingerprint: its shape, spacing and foreground intensities. */

import { sizeOf } from "../array/nd_array.ts";
import type { TrainingCase } from "../dataset/case.ts";
import type { Image, Segmentation } from "../image/image.ts";
import { type CroppedCase, cropToNonzero } from "../preprocessing/crop.ts";
import { requireFinite } from "../preprocessing/require_finite.ts";
import { type IntensitySummary, summarizeIntensities } from "./intensity_summary.ts";

/** Functions that read a case's files. */
export interface CaseReaders {
  readonly readImage: (paths: readonly string[]) => Promise<Image>;
  readonly readSegmentation: (path: string) => Promise<Segmentation>;
}

/** What a fingerprint needs to know of a case. */
export interface CaseFacts {
  /** mm */
  readonly spacing: readonly number[];
  readonly shapeAfterCrop: readonly number[];
  /** Fraction of voxels left by cropping to the nonzero region. */
  readonly relativeSize: number;
  /** One summary per channel; empty if the case has no foreground. */
  readonly intensities: readonly IntensitySummary[];
}

/**
 * Reads a case and measures it.
 *
 * @param one The case's files.
 * @param readers Functions that read them.
 * @param quantileCount Number of quantiles to keep per channel.
 * @throws {RangeError} If an intensity is not finite.
 * @throws {Error} If a file cannot be read.
 */
export async function factsOf(
  { images, label }: TrainingCase,
  { readImage, readSegmentation }: CaseReaders,
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

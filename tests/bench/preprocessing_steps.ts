/** Times the steps of `preprocessCase()` one by one. */

import { readImage, readSegmentation } from "../../lib/image/image_files.ts";
import { classLocations } from "../../lib/preprocessing/class_locations.ts";
import { cropToNonzero } from "../../lib/preprocessing/crop.ts";
import { normalize } from "../../lib/preprocessing/normalize.ts";
import type { PreprocessJob } from "../../lib/preprocessing/preprocess_worker.ts";
import { requireFinite } from "../../lib/preprocessing/require_finite.ts";
import { resampleImage } from "../../lib/preprocessing/resample.ts";
import { resampleSegmentation } from "../../lib/preprocessing/resample_segmentation.ts";
import { resampledShape, resampledSpacing } from "../../lib/preprocessing/resampling_rules.ts";
import { writeCase } from "../../lib/preprocessing/storage.ts";

/** Names of the steps, in order; Python measures the same steps. */
export const steps = [
  "reading",
  "cropping",
  "normalising",
  "resampling",
  "labels",
  "locations",
  "writing",
] as const;

/** Milliseconds per step. */
export type StepTimes = Record<typeof steps[number], number>;

/** Preprocesses a labelled case, without transposing it, and times each step. */
export async function timeSteps(job: PreprocessJob): Promise<StepTimes> {
  const { name, plansData, configuration, folder, labels, threads } = job;
  const times: number[] = [];
  let begin = performance.now();
  const done = () => {
    const now = performance.now();
    times.push(now - begin);
    begin = now;
  };
  const image = await readImage(job.images);
  const truth = await readSegmentation(job.label!);
  requireFinite(image.data);
  done();
  const { geometry } = image;
  const { shape, spacing } = geometry;
  const { data, segmentation, box } = cropToNonzero(
    { shape: [image.channels, ...shape], data: image.data },
    { shape, data: truth.data },
  );
  done();
  normalize(data, segmentation, {
    schemes: configuration.normalizationSchemes,
    useMask: configuration.useMaskForNorm,
    intensityProperties: plansData.intensityProperties,
  });
  done();
  const target = resampledSpacing(configuration.spacing, spacing);
  const [z, y, x] = segmentation.shape;
  const newShape = resampledShape([z, y, x], spacing, target);
  const resampled = await resampleImage(data, newShape, spacing, target, { threads });
  done();
  const labelled = resampleSegmentation(segmentation, newShape, spacing, target);
  done();
  const locations = classLocations(labelled, labels);
  done();
  await writeCase(folder, {
    name,
    data: resampled,
    segmentation: labelled,
    classLocations: locations,
    properties: {
      geometry,
      shapeBeforeCropping: shape,
      cropBox: box,
      shapeAfterCropping: [z, y, x],
      spacingAfterTransposing: spacing,
    },
  });
  done();
  return Object.fromEntries(steps.map((step, i) => [step, times[i]])) as StepTimes;
}

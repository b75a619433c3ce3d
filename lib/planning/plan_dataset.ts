/**
 * nnU-Net's rules: from facts about a data set to everything training needs to know.
 *
 * @see MIC-DKFZ/nnUNet@0e495086
 * nnunetv2/experiment_planning/experiment_planners/default_experiment_planner.py
 */

import { sizeOf, type Zyx } from "../array/nd_array.ts";
import { roundHalfToEven } from "../array/rounding.ts";
import type { DatasetFacts } from "./dataset_facts.ts";
import { planNormalization } from "./normalization_schemes.ts";
import { planPatchAndBatch, type ResampledData } from "./patch_and_batch.ts";
import type { Configuration, ConfigurationName, Fingerprint, PlansData } from "./plans.ts";
import {
  medianPerAxis,
  resampledMedianShape,
  targetSpacing,
  transposeToFront,
} from "./target_spacing.ts";

/** What a person may decide about a plan. */
export interface PlanningOptions {
  /** GPU memory in GB that training may take; 8 unless told. */
  readonly gpuMemoryTarget?: number;
  /** Features of the network's first stage; 32 unless told. */
  readonly baseFeatures?: number;
  /** Name of the plans file and of the preprocessed data; `nnUNetPlans` unless told. */
  readonly plansName?: string;
}

/** 3d_lowres is planned where a full-resolution patch holds a smaller share of the image. */
const LOWRES_BELOW_SHARE = 0.25;
/** 3d_lowres is dropped where it has not at least this many times fewer voxels. */
const LOWRES_MIN_REDUCTION = 2;
const LOWRES_STEP = 1.03;

/**
 * Plans 2d, 3d_fullres where images have more than one slice, and 3d_lowres with its cascade where
 * a patch would see too little of the image.
 *
 * @throws {RangeError} If the fingerprint is empty or holds no positive spacings and shapes, if an
 * option is out of range, or if the memory is too small for any patch.
 */
export function planDataset(
  fingerprint: Fingerprint,
  facts: DatasetFacts,
  options: PlanningOptions = {},
): PlansData {
  const { gpuMemoryTarget = 8, baseFeatures = 32, plansName = "nnUNetPlans" } = options;
  checkFingerprint(fingerprint);
  checkOptions(gpuMemoryTarget, baseFeatures);
  const budget = { gpuMemoryTarget, baseFeatures, outputChannels: facts.labelCount };

  const target = targetSpacing(fingerprint);
  const { forward, backward } = transposeToFront(target);
  const transpose = (
    [...values]: Zyx,
  ): Zyx => [values[forward[0]], values[forward[1]], values[forward[2]]];
  const spacing = transpose(target);
  const medianShape = transpose(resampledMedianShape(fingerprint, target));
  const fullres = { spacing, medianShape, voxels: sizeOf(medianShape) * facts.trainingCases };

  const normalization = planNormalization(facts.channelNames, fingerprint);
  const configure = (name: ConfigurationName, data: ResampledData, batchDice: boolean) => ({
    name,
    dataIdentifier: `${plansName}_${name}`,
    ...planPatchAndBatch(data, budget),
    medianImageSize: data.medianShape,
    spacing: data.spacing,
    ...normalization,
    batchDice,
  });
  const slice = {
    spacing: spacing.slice(1),
    medianShape: medianShape.slice(1),
    voxels: fullres.voxels,
  };
  const hasSlices = medianShape[0] !== 1;
  const configurations: Partial<Record<ConfigurationName, Configuration>> = {
    "2d": configure("2d", slice, true),
    ...(hasSlices && plan3d(fullres, facts.trainingCases, configure)),
  };

  return {
    datasetName: facts.datasetName,
    plansName,
    originalMedianSpacing: transpose(medianPerAxis(fingerprint.spacings)),
    originalMedianShape: transpose(medianPerAxis(fingerprint.shapesAfterCrop)).map(roundHalfToEven),
    imageReaderWriter: facts.imageReaderWriter,
    transposeForward: [...forward],
    transposeBackward: [...backward],
    configurations,
    experimentPlannerUsed: "ExperimentPlanner",
    intensityProperties: fingerprint.intensityProperties,
  };
}

type Configure = (
  name: ConfigurationName,
  data: ResampledData,
  batchDice: boolean,
) => Configuration;

/** 3d_fullres, and 3d_lowres with its cascade where they help. */
function plan3d(fullres: ResampledData, trainingCases: number, configure: Configure) {
  const alone = configure("3d_fullres", fullres, false);
  const lowres = planLowres(fullres, alone, trainingCases, configure);
  if (!lowres) return { "3d_fullres": alone };
  // Sees too little of an image for the Dice of single patches to mean much.
  const beside: Configuration = { ...alone, batchDice: true };
  return {
    "3d_lowres": { ...lowres, nextStage: "3d_cascade_fullres" },
    "3d_fullres": beside,
    "3d_cascade_fullres": { ...beside, name: "3d_cascade_fullres", previousStage: "3d_lowres" },
  } as const;
}

/**
 * Coarsens the data step by step until a patch holds enough of the image; finer axes first, until
 * none is more than twice as fine as the coarsest.
 *
 * @returns Nothing where full resolution does, or where little would be gained.
 */
function planLowres(
  fullres: ResampledData,
  planned: Configuration,
  trainingCases: number,
  configure: Configure,
): Configuration | undefined {
  const fullVoxels = sizeOf(fullres.medianShape);
  let lowres: Configuration | undefined;
  let { patchSize, spacing } = planned;
  let voxels = fullVoxels;
  while (sizeOf(patchSize) / voxels < LOWRES_BELOW_SHARE) {
    spacing = coarsen(spacing);
    const shape = fullres.medianShape.map((extent, axis) =>
      fullres.spacing[axis] / spacing[axis] * extent
    );
    voxels = sizeOf(shape);
    const medianShape = shape.map(roundHalfToEven);
    const data = { spacing, medianShape, voxels: voxels * trainingCases };
    lowres = configure("3d_lowres", data, false);
    patchSize = lowres.patchSize;
  }
  return fullVoxels / voxels < LOWRES_MIN_REDUCTION ? undefined : lowres;
}

/** One step: the axes more than twice as fine as the coarsest, or all where there are none. */
function coarsen(spacing: readonly number[]): number[] {
  const coarsest = Math.max(...spacing);
  const isTooFine = spacing.map((value) => coarsest / value > 2);
  const steps = isTooFine.includes(true) ? isTooFine : spacing.map(() => true);
  return spacing.map((value, axis) => steps[axis] ? value * LOWRES_STEP : value);
}

function checkFingerprint({ spacings, shapesAfterCrop }: Fingerprint) {
  if (spacings.length === 0 || spacings.length !== shapesAfterCrop.length) {
    throw new RangeError(
      `Cannot plan: fingerprint has ${spacings.length} spacings and ${shapesAfterCrop.length} ` +
        `shapes, expected one of each per case`,
    );
  }
  for (const list of [...spacings, ...shapesAfterCrop]) {
    if (list.length !== 3 || !list.every((value) => value > 0 && Number.isFinite(value))) {
      throw new RangeError(
        `Cannot plan: fingerprint has spacing or shape [${list}], expected three positive numbers`,
      );
    }
  }
}

function checkOptions(gpuMemoryTarget: number, baseFeatures: number) {
  if (!(gpuMemoryTarget > 0 && Number.isFinite(gpuMemoryTarget))) {
    throw new RangeError(
      `Cannot plan: GPU memory target is ${gpuMemoryTarget} GB, expected a positive number`,
    );
  }
  if (!(Number.isInteger(baseFeatures) && baseFeatures > 0)) {
    throw new RangeError(
      `Cannot plan: base features are ${baseFeatures}, expected a positive integer`,
    );
  }
}

/**
 * Applies nnU-Net's planning rules to facts about a data set.
 *
 * @see MIC-DKFZ/nnUNet@0e495086
 * nnunetv2/experiment_planning/experiment_planners/default_experiment_planner.py
 */

import { sizeOf, type Zyx } from "../array/nd_array.ts";
import { roundHalfToEven } from "../array/rounding.ts";
import type { DatasetFacts } from "./dataset_facts.ts";
import { count } from "../options/count.ts";
import {
  numberThat,
  requireOneOf,
  requireOption,
  requireValue,
  text,
} from "../options/require_value.ts";
import { planNormalization, schemeNames } from "./normalization_schemes.ts";
import {
  type PatchAndBatchOverride,
  planPatchAndBatch,
  type ResampledData,
} from "./patch_and_batch.ts";
import type {
  Configuration,
  Fingerprint,
  NormalizationScheme,
  PlannedConfigurationName,
  PlansData,
} from "../files/plans.ts";
import { requireFileName } from "../untrusted/file_name.ts";
import { type PlannerName, plannerNames, type Preset, presets } from "./presets.ts";
import type { Note, Reason } from "./reason.ts";
import {
  medianPerAxis,
  resampledMedianShape,
  targetSpacing,
  transposeToFront,
} from "./target_spacing.ts";

/** Settings that override the planning rules. */
export interface PlanningOptions {
  /** nnU-Net's planner, which determines the network; `ExperimentPlanner` by default. */
  readonly planner?: PlannerName;
  /**
   * GPU memory to plan for in GB, relative to the GPU that nnU-Net's planner was measured on; the
   * planner's own by default, 8 for `ExperimentPlanner`.
   */
  readonly gpuMemoryTarget?: number;
  /** Features of the network's first stage; 32 by default. */
  readonly baseFeatures?: number;
  /** Name of the plans file and the preprocessed data; the planner's own by default. */
  readonly plansName?: string;
  /** Target spacing of 3d_fullres in mm, (z, y, x) of the images; chosen by the rules by default. */
  readonly targetSpacing?: Zyx;
  /** One scheme per channel; implied by the channels' names by default. */
  readonly normalizationSchemes?: readonly NormalizationScheme[];
  /** Patch and batch sizes per configuration; 3d_cascade_fullres uses those of 3d_fullres. */
  readonly overrides?: Readonly<
    Partial<Record<Exclude<PlannedConfigurationName, "3d_cascade_fullres">, PatchAndBatchOverride>>
  >;
}

/** 3d_lowres is planned if a full-resolution patch covers less than this fraction of the image. */
const LOWRES_BELOW_FRACTION = 0.25;
/** 3d_lowres is dropped unless it has at least this many times fewer voxels. */
const LOWRES_MIN_REDUCTION = 2;
const LOWRES_STEP = 1.03;

/**
 * Plans 2d; 3d_fullres if images have more than one slice; and 3d_lowres with its cascade if a
 * patch would cover too little of the image.
 *
 * @param fingerprint Spacings, shapes and intensities of the training cases.
 * @param facts Channels, labels and number of cases.
 * @param options Settings that override the rules; none by default.
 * @param note Called with the reason for each decision.
 * @returns The plan, with one entry per configuration.
 * @throws {TypeError} If an option is of the wrong kind, such as text instead of a list.
 * @throws {RangeError} If the fingerprint is empty or has a spacing or shape that is not positive, an
 * option is out of range, there is no planner or scheme of a name, there are more than 256 labels, or
 * the memory is too small for any patch.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { planDataset } from "nnunet/parts";
 *
 * const fingerprint = {
 *   spacings: Array.from({ length: 5 }, () => [3, 1, 1]),
 *   shapesAfterCrop: Array.from({ length: 5 }, () => [40, 160, 160]),
 *   medianRelativeSizeAfterCropping: 1,
 *   intensityProperties: [
 *     { mean: 0, median: 0, std: 1, min: -3, max: 3, percentile005: -3, percentile995: 3 },
 *   ],
 * };
 * const { configurations } = planDataset(fingerprint, {
 *   datasetName: "Dataset001_Brains",
 *   channelNames: ["MRI"],
 *   labelCount: 3,
 *   trainingCases: 5,
 *   imageReaderWriter: "SimpleITKIO",
 * }, { gpuMemoryTarget: 4 });
 * assert.deepEqual(configurations["3d_fullres"]?.spacing, [3, 1, 1]);
 * ```
 */
export function planDataset(
  fingerprint: Fingerprint,
  facts: DatasetFacts,
  options: PlanningOptions = {},
  note: Note = () => {},
): PlansData {
  const { overrides = {} } = options;
  const { planner, preset, gpuMemoryTarget, plansName, baseFeatures } = requirePlanningOptions(
    options,
    facts.channelNames.length,
  );
  checkFingerprint(fingerprint);
  checkLabels(facts);
  const budget = { preset, gpuMemoryTarget, baseFeatures, outputChannels: facts.labelCount };

  const target = options.targetSpacing ?? targetSpacing(fingerprint, note);
  if (options.targetSpacing) {
    note({
      decision: "target spacing",
      chosen: `${target.join(" × ")} mm`,
      rule: "As requested",
      numbers: { medianSpacing: medianPerAxis(fingerprint.spacings) },
    });
  }
  const { forward, backward } = transposeToFront(target);
  const transpose = (
    [...values]: Zyx,
  ): Zyx => [values[forward[0]], values[forward[1]], values[forward[2]]];
  const spacing = transpose(target);
  const medianShape = transpose(resampledMedianShape(fingerprint, target));
  const fullres = { spacing, medianShape, voxels: sizeOf(medianShape) * facts.trainingCases };

  note({
    decision: "axes",
    chosen: forward.join(", "),
    rule: "The axis with the coarsest spacing comes first, so that 2D slices are the finest",
    numbers: { targetSpacing: target, medianShape },
  });

  const normalization = planNormalization(
    facts.channelNames,
    fingerprint,
    options.normalizationSchemes,
    note,
  );
  const configure = (
    name: Exclude<PlannedConfigurationName, "3d_cascade_fullres">,
    data: ResampledData,
    batchDice: boolean,
    note: Note,
  ) => ({
    name,
    dataIdentifier: `${
      preset.sharesData.includes(name) ? presets.ExperimentPlanner.plansName : plansName
    }_${name}`,
    ...planPatchAndBatch(
      data,
      budget,
      overrides[name],
      (reason) => note({ ...reason, configuration: name }),
    ),
    medianImageSize: data.medianShape,
    spacing: data.spacing,
    ...normalization,
    ...preset.resampling && { resampling: preset.resampling },
    batchDice,
  });
  const slice = {
    spacing: spacing.slice(1),
    medianShape: medianShape.slice(1),
    voxels: fullres.voxels,
  };
  const hasSlices = medianShape[0] !== 1;
  const configurations: Partial<Record<PlannedConfigurationName, Configuration>> = {
    "2d": configure("2d", slice, true, note),
    ...(hasSlices && plan3d(fullres, facts.trainingCases, configure, note)),
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
    experimentPlannerUsed: planner,
    intensityProperties: fingerprint.intensityProperties,
  };
}

type Configure = (
  name: Exclude<PlannedConfigurationName, "3d_cascade_fullres">,
  data: ResampledData,
  batchDice: boolean,
  note: Note,
) => Configuration;

/** Plans 3d_fullres, and 3d_lowres with its cascade where they help. */
function plan3d(
  fullres: ResampledData,
  trainingCases: number,
  configure: Configure,
  note: Note,
) {
  const single = configure("3d_fullres", fullres, false, note);
  const { lowres, reasons } = planLowres(fullres, single, trainingCases, configure);
  const share = sizeOf(single.patchSize) / sizeOf(fullres.medianShape);
  note({
    decision: "3d_lowres and cascade",
    chosen: lowres ? `spacing ${lowres.spacing.join(" × ")} mm` : "none",
    rule:
      `If a patch covers less than ${
        LOWRES_BELOW_FRACTION * 100
      } % of an image, the spacing grows ` +
      `in steps of factor ${LOWRES_STEP} until it covers enough; kept if that leaves at least ` +
      `${LOWRES_MIN_REDUCTION} times fewer voxels`,
    numbers: { shareOfImageInPatch: share, medianShape: fullres.medianShape },
  });
  if (lowres) reasons.forEach(note);
  if (!lowres) return { "3d_fullres": single };
  // A patch covers too little of an image for its Dice alone to be meaningful.
  const withLowres: Configuration = { ...single, batchDice: true };
  return {
    "3d_lowres": { ...lowres, nextStages: ["3d_cascade_fullres"] },
    "3d_fullres": withLowres,
    "3d_cascade_fullres": { ...withLowres, name: "3d_cascade_fullres", previousStage: "3d_lowres" },
  } as const;
}

/**
 * Coarsens the spacing step by step until a patch covers enough of the image; finer axes first,
 * until none is more than twice as fine as the coarsest.
 *
 * @returns The configuration, or undefined if full resolution suffices or little would be gained;
 * and the reasons of the last step.
 */
function planLowres(
  fullres: ResampledData,
  planned: Configuration,
  trainingCases: number,
  configure: Configure,
): { lowres: Configuration | undefined; reasons: readonly Reason[] } {
  const fullVoxels = sizeOf(fullres.medianShape);
  let lowres: Configuration | undefined;
  let reasons: Reason[] = [];
  let { patchSize, spacing } = planned;
  let voxels = fullVoxels;
  while (sizeOf(patchSize) / voxels < LOWRES_BELOW_FRACTION) {
    spacing = coarsen(spacing);
    const shape = fullres.medianShape.map((extent, axis) =>
      fullres.spacing[axis] / spacing[axis] * extent
    );
    voxels = sizeOf(shape);
    const medianShape = shape.map(roundHalfToEven);
    const data = { spacing, medianShape, voxels: voxels * trainingCases };
    reasons = [];
    lowres = configure("3d_lowres", data, false, (reason) => reasons.push(reason));
    patchSize = lowres.patchSize;
  }
  const isWorthIt = fullVoxels / voxels >= LOWRES_MIN_REDUCTION;
  return { lowres: isWorthIt ? lowres : undefined, reasons };
}

/** Coarsens the axes more than twice as fine as the coarsest, or all axes if there are none. */
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
        `shapes, expected one each per case`,
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

/**
 * Checks the settings of a plan, without a data set's cases.
 *
 * @param channels Number of the data set's channels.
 * @returns The planner's settings, and those that the options leave out.
 * @throws {TypeError} If an option is of the wrong kind.
 * @throws {RangeError} If one is invalid.
 */
export function requirePlanningOptions(options: PlanningOptions, channels: number) {
  const { planner = "ExperimentPlanner", baseFeatures = 32 } = options;
  requireOneOf(planner, plannerNames, "plan", "planner");
  const preset: Preset = presets[planner];
  const { gpuMemoryTarget = preset.gpuMemoryTarget, plansName = preset.plansName } = options;
  requireOption(plansName, text, "plan", "plansName");
  requireFileName(plansName, "Cannot plan: plansName");
  checkOptions({ ...options, gpuMemoryTarget, baseFeatures }, channels);
  return { planner, preset, gpuMemoryTarget, plansName, baseFeatures };
}

function checkOptions(
  { gpuMemoryTarget, baseFeatures, targetSpacing, normalizationSchemes, overrides = {} }:
    & PlanningOptions
    & { readonly gpuMemoryTarget: number; readonly baseFeatures: number },
  channels: number,
) {
  const number = numberThat("a positive number", () => true); // Text compares like one.
  requireValue(gpuMemoryTarget, number, "plan", "`gpuMemoryTarget`");
  if (!(gpuMemoryTarget > 0 && Number.isFinite(gpuMemoryTarget))) {
    throw new RangeError(
      `Cannot plan: \`gpuMemoryTarget\` is ${gpuMemoryTarget} GB, expected a positive number`,
    );
  }
  requireValue(baseFeatures, number, "plan", "baseFeatures");
  if (!(Number.isInteger(baseFeatures) && baseFeatures > 0)) {
    throw new RangeError(
      `Cannot plan: baseFeatures is ${baseFeatures}, expected a positive integer`,
    );
  }
  const spacing = "three positive numbers, (z, y, x) in mm";
  requireOption(targetSpacing, { expected: spacing, isKind: isList }, "plan", "targetSpacing");
  if (targetSpacing && !(targetSpacing.length === 3 && targetSpacing.every(isPositive))) {
    throw new RangeError(
      `Cannot plan: targetSpacing is [${targetSpacing.join(", ")}], expected ${spacing}`,
    );
  }
  requireOption(
    normalizationSchemes,
    { expected: "a list of one scheme per channel", isKind: isList },
    "plan",
    "normalizationSchemes",
  );
  for (const [channel, scheme] of normalizationSchemes?.entries() ?? []) {
    requireOneOf(scheme, schemeNames, "plan", `normalizationSchemes[${channel}]`);
  }
  if (normalizationSchemes && normalizationSchemes.length !== channels) {
    throw new RangeError(
      `Cannot plan: normalizationSchemes has ${count(normalizationSchemes.length, "scheme")} for ` +
        `${count(channels, "channel")}, expected one per channel`,
    );
  }
  for (const [name, { patchSize = [], batchSize = 1 }] of Object.entries(overrides)) {
    const extents = { expected: "a list of one extent per axis", isKind: isList };
    requireValue(patchSize, extents, "plan", `overrides.${name}.patchSize`);
    for (const count of [...patchSize, batchSize]) {
      if (Number.isInteger(count) && count > 0) continue;
      throw new RangeError(
        `Cannot plan ${name}: patchSize or batchSize contains ${count}, expected positive integers`,
      );
    }
    const axes = name === "2d" ? 2 : 3;
    if (patchSize.length !== 0 && patchSize.length !== axes) {
      throw new RangeError(
        `Cannot plan ${name}: patchSize has ${patchSize.length} extents, expected ${axes}`,
      );
    }
  }
}

function isList(value: unknown): boolean {
  return Array.isArray(value) || ArrayBuffer.isView(value);
}

function isPositive(value: unknown): boolean {
  return Number.isFinite(value) && (value as number) > 0;
}

/** Labels of one byte: a training passes them to the network as such. */
const MAX_LABELS = 256;

function checkLabels({ datasetName, labelCount }: DatasetFacts) {
  if (labelCount <= MAX_LABELS) return;
  throw new RangeError(
    `Cannot plan ${datasetName}: it has ${labelCount} labels with background, expected at most ` +
      `${MAX_LABELS}, numbered 0 to ${
        MAX_LABELS - 1
      }; merge labels, or divide them among data sets`,
  );
}

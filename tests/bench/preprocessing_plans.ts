/** Makes plans with a single configuration for preprocessing, here and in Python. */

import { formatPlans } from "../../lib/files/plans_json.ts";
import type {
  Configuration,
  IntensityProperties,
  NormalizationScheme,
  PlansData,
} from "../../lib/files/plans.ts";

/** The settings that preprocessing depends on. */
export interface Recipe {
  /** Spacing in mm, (z, y, x), or (y, x) for 2d. */
  readonly spacing: readonly number[];
  /** One per channel. */
  readonly schemes: readonly NormalizationScheme[];
  /** One per channel. */
  readonly useMask: readonly boolean[];
  /** Number of foreground labels, which are 1 to this number. */
  readonly labels: number;
  readonly transposeForward?: readonly [number, number, number];
}

const intensity: IntensityProperties = {
  mean: 90,
  median: 95,
  std: 60,
  min: -900,
  max: 1500,
  percentile005: -150,
  percentile995: 300,
};

/** Plans of a recipe: as our objects, and as JSON for Python. */
export function plansOf(
  { spacing, schemes, useMask, labels, transposeForward = [0, 1, 2] }: Recipe,
) {
  const name = spacing.length === 2 ? "2d" : "3d_fullres";
  const ones = spacing.map(() => 1);
  const configuration: Configuration = {
    name,
    dataIdentifier: `nnUNetPlans_${name}`,
    batchSize: 2,
    patchSize: spacing.map(() => 128),
    medianImageSize: spacing.map(() => 128),
    spacing,
    normalizationSchemes: schemes,
    useMaskForNorm: useMask,
    architecture: {
      networkClassName: "dynamic_network_architectures.architectures.unet.PlainConvUNet",
      dimensions: spacing.length === 2 ? 2 : 3,
      featuresPerStage: [32],
      kernelSizes: [ones.map(() => 3)],
      strides: [ones],
      convsPerStage: [2],
      convsPerStageDecoder: [],
    },
    batchDice: false,
  };
  const [a, b, c] = [0, 1, 2].map((axis) => transposeForward.indexOf(axis));
  const plansData: PlansData = {
    datasetName: "Dataset001_Peer",
    plansName: "nnUNetPlans",
    originalMedianSpacing: [1, 1, 1],
    originalMedianShape: [128, 128, 128],
    imageReaderWriter: "SimpleITKIO",
    transposeForward,
    transposeBackward: [a, b, c],
    configurations: { [name]: configuration },
    experimentPlannerUsed: "ExperimentPlanner",
    intensityProperties: schemes.map(() => intensity),
  };
  const foreground = Array.from({ length: labels }, (_, i) => i + 1);
  const dataset = {
    labels: { background: 0, ...Object.fromEntries(foreground.map((l) => [`label ${l}`, l])) },
    channel_names: Object.fromEntries(schemes.map((scheme, i) => [i, scheme])),
    file_ending: ".nii.gz",
    numTraining: 1,
  };
  return {
    plans: plansData,
    configuration,
    labels: foreground,
    python: { plans: JSON.parse(formatPlans(plansData)), configuration: name, dataset },
  };
}

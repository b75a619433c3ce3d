/** Fingerprints written by `golden/plans.py`, and our plans for them. */

import type { Zyx } from "../../lib/array/nd_array.ts";
import { planDataset, type PlanningOptions } from "../../lib/planning/plan_dataset.ts";
import type { Fingerprint, PlansData } from "../../lib/files/plans.ts";
import type { PlannerName } from "../../lib/planning/presets.ts";

/** Inputs that `golden/plans.py` passes to nnU-Net's planners. */
export interface GoldenPlanInput {
  readonly spacings: readonly (readonly number[])[];
  readonly shapes: readonly (readonly number[])[];
  readonly channels: readonly string[];
  readonly labels: number;
  readonly training: number;
  readonly relativeSize: number;
  readonly memory: number;
  readonly baseFeatures: number;
  readonly plansName: string;
  readonly planner?: string;
  readonly targetSpacing?: readonly number[];
}

/** Converts the inputs to those of our planner. */
export function goldenPlanFacts(input: GoldenPlanInput) {
  const fingerprint: Fingerprint = {
    spacings: input.spacings,
    shapesAfterCrop: input.shapes,
    medianRelativeSizeAfterCropping: input.relativeSize,
    intensityProperties: input.channels.map((_, channel) => ({
      max: channel,
      mean: channel,
      median: channel,
      min: channel,
      percentile005: channel,
      percentile995: channel,
      std: channel,
    })),
  };
  const facts = {
    datasetName: "Dataset001_Golden",
    channelNames: input.channels,
    labelCount: input.labels,
    trainingCases: input.training,
    imageReaderWriter: "SimpleITKIO",
  };
  return { fingerprint, facts };
}

/** Plans the same data set with our planner. */
export function planOfGolden(input: GoldenPlanInput): PlansData {
  const { fingerprint, facts } = goldenPlanFacts(input);
  return planDataset(fingerprint, facts, goldenOptions(input));
}

/** Converts the options to those of our planner. */
export function goldenOptions(input: GoldenPlanInput): PlanningOptions {
  return {
    planner: input.planner as PlannerName | undefined,
    targetSpacing: input.targetSpacing as Zyx | undefined,
    gpuMemoryTarget: input.memory,
    baseFeatures: input.baseFeatures,
    plansName: input.plansName,
  };
}

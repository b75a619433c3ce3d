/**
 * Plans the largest patch that fits into memory, its network, and the batch size.
 *
 * @see `get_plans_for_configuration` in MIC-DKFZ/nnUNet@0e495086
 * nnunetv2/experiment_planning/experiment_planners/default_experiment_planner.py
 */

import { type Shape, sizeOf } from "../array/nd_array.ts";
import { roundHalfToEven } from "../array/rounding.ts";
import { featureMapElements } from "./feature_map_elements.ts";
import type { Architecture } from "../files/plans.ts";
import type { Preset } from "./presets.ts";
import type { Note } from "./reason.ts";
import { planTopology, type Topology } from "./topology.ts";

/** The training data, resampled for one configuration. */
export interface ResampledData {
  /** Target spacing in mm, one per axis. */
  readonly spacing: readonly number[];
  /** Median extents in voxels, one per axis. */
  readonly medianShape: Shape;
  /** Approximate number of voxels in all training cases. */
  readonly voxels: number;
}

/** The network and its memory limit. */
export interface NetworkBudget {
  /** The network and its reference measurements. */
  readonly preset: Preset;
  /** GPU memory to plan for, in GB as {@link Preset.referenceMemory} counts. */
  readonly gpuMemoryTarget: number;
  /** Features of the first stage. */
  readonly baseFeatures: number;
  /** Channels of the segmentation head. */
  readonly outputChannels: number;
}

/** A network with its training input. */
export interface PatchAndBatch {
  readonly patchSize: Shape;
  readonly batchSize: number;
  readonly architecture: Architecture;
}

/** User-defined values that override the rules. */
export interface PatchAndBatchOverride {
  /** Voxels per axis, in the plan's axis order; each extent must be divisible by the network's strides. */
  readonly patchSize?: Shape;
  /** Patches per training step. */
  readonly batchSize?: number;
}

/** Voxels of the first patch to try, and the batch size of the reference measurement. */
const starts = {
  2: { batchSize: 12, voxels: 2048 ** 2 },
  3: { batchSize: 2, voxels: 256 ** 3 },
} as const;
const MIN_BATCH_SIZE = 2;

/**
 * Plans patch, network and batch. It starts with the largest sensible patch and shortens the axis
 * along which it covers most of the image until a batch fits.
 *
 * @throws {RangeError} If even the smallest patch does not fit, or a requested patch is not divisible
 * by its network's strides.
 */
export function planPatchAndBatch(
  data: ResampledData,
  budget: NetworkBudget,
  override: PatchAndBatchOverride = {},
  note: Note = () => {},
): PatchAndBatch {
  const { preset } = budget;
  const dimensions = data.spacing.length === 2 ? 2 : 3;
  const start = starts[dimensions];
  const elements = preset.referenceElements[dimensions] *
    (budget.gpuMemoryTarget / preset.referenceMemory);
  // A batch of two must fit; for the residual presets, the reference's whole batch must.
  const limit = preset.shrinksToWholeBatch ? elements : elements * start.batchSize / MIN_BATCH_SIZE;
  const describe = (topology: Topology) => {
    const architecture = preset.network(topology, budget.baseFeatures);
    const estimate = featureMapElements(architecture, topology.patchSize, budget.outputChannels);
    note({
      decision: "patch size",
      chosen: topology.patchSize.join(" × "),
      rule: override.patchSize
        ? "As requested"
        : "The largest patch whose feature maps fit into memory, shortened along the axis where it " +
          "covers most of the image",
      numbers: { patchSize: topology.patchSize, featureMapElements: estimate, limit },
    });
    return { architecture, estimate };
  };

  let topology = planTopology(
    data.spacing,
    override.patchSize ?? initialPatch(data, start.voxels),
  );
  if (override.patchSize) requireDivisible(override.patchSize, topology);
  let network = describe(topology);
  while (!override.patchSize && network.estimate > limit) {
    topology = shortenPatch(topology, data);
    network = describe(topology);
  }
  const { patchSize } = topology;
  if (patchSize.some((extent) => extent < 1)) {
    throw new RangeError(
      `Cannot plan a patch: even the smallest does not fit into ${budget.gpuMemoryTarget} GB ` +
        `at spacing [${data.spacing.join(", ")}] mm`,
    );
  }
  const { strides, kernelSizes } = topology;
  note({
    decision: "stages",
    chosen: `${strides.length} of ${network.architecture.featuresPerStage.join(", ")} features`,
    rule: "Axes are halved while at least 4 voxels remain, finely spaced ones first; an axis is " +
      "convolved once it is less than twice as coarse as the finest",
    numbers: {
      spacing: data.spacing,
      strides: strides.map((stride) => `[${stride}]`),
      kernels: kernelSizes.map((kernel) => `[${kernel}]`),
    },
  });
  const fitting = roundHalfToEven(elements / network.estimate * start.batchSize);
  const sensible = roundHalfToEven(data.voxels * preset.maxDatasetShare / sizeOf(patchSize));
  const batchSize = override.batchSize ?? Math.max(Math.min(fitting, sensible), MIN_BATCH_SIZE);
  note({
    decision: "batch size",
    chosen: `${batchSize}`,
    rule: override.batchSize
      ? "As requested"
      : `As many as fit into memory, but at most ${preset.maxDatasetShare * 100} % of all voxels ` +
        `and at least ${MIN_BATCH_SIZE}`,
    numbers: { fitsMemory: fitting, shareOfDataset: sensible },
  });
  return { patchSize, batchSize, architecture: network.architecture };
}

function requireDivisible(requested: Shape, { patchSize, divisors }: Topology) {
  if (requested.every((extent, axis) => extent === patchSize[axis])) return;
  throw new RangeError(
    `Cannot plan a patch of ${requested.join(" × ")}: extents must be multiples of ` +
      `${divisors.join(", ")}, such as ${patchSize.join(" × ")}`,
  );
}

/** Returns a patch of about `voxels` voxels with equal edges in mm, no longer than the image. */
function initialPatch({ spacing, medianShape }: ResampledData, voxels: number): number[] {
  const density = spacing.map((value) => 1 / value);
  const scale = (voxels / sizeOf(density)) ** (1 / spacing.length);
  return density.map((value, axis) => Math.min(roundHalfToEven(value * scale), medianShape[axis]));
}

/** Shortens the axis along which the patch covers most of the image; of several, the last. */
function shortenPatch({ patchSize, divisors }: Topology, { spacing, medianShape }: ResampledData) {
  const coverage = patchSize.map((extent, axis) => extent / medianShape[axis]);
  const axis = coverage.lastIndexOf(Math.max(...coverage));
  const shortenedBy = (step: number) => patchSize.with(axis, patchSize[axis] - step);
  // A shorter patch may have fewer halvings and thus a smaller divisor. Stepping by the current
  // divisor would skip valid sizes, such as 224 between 256 and 192.
  const { divisors: smaller } = planTopology(spacing, shortenedBy(divisors[axis]));
  return planTopology(spacing, shortenedBy(smaller[axis]));
}

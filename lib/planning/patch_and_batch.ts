/**
 * The largest patch that fits into memory, its network, and how many such patches make a batch.
 *
 * @see `get_plans_for_configuration` in MIC-DKFZ/nnUNet@0e495086
 * nnunetv2/experiment_planning/experiment_planners/default_experiment_planner.py
 */

import { type Shape, sizeOf } from "../array/nd_array.ts";
import { roundHalfToEven } from "../array/rounding.ts";
import { estimateMemory } from "./memory_estimate.ts";
import { plainUnet } from "./plain_unet.ts";
import type { Architecture } from "./plans.ts";
import { planTopology, type Topology } from "./topology.ts";

/** The data as one configuration sees it. */
export interface ResampledData {
  /** Target spacing in mm, one per axis. */
  readonly spacing: readonly number[];
  /** Median extents in voxels, one per axis. */
  readonly medianShape: Shape;
  /** About how many voxels all training cases have together. */
  readonly voxels: number;
}

/** What the network may cost. */
export interface NetworkBudget {
  /** GPU memory in GB. */
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

/** What was measured to fit a GPU with `REFERENCE_GB`: elements of feature maps, and the batch. */
const references = {
  2: { elements: 85e6, batchSize: 12, initialVoxels: 2048 ** 2 },
  3: { elements: 560e6, batchSize: 2, initialVoxels: 256 ** 3 },
} as const;
const REFERENCE_GB = 8;
const MIN_BATCH_SIZE = 2;
/** Share of the data set's voxels that one batch may hold at most; more would overfit. */
const MAX_DATASET_SHARE = 0.05;

/**
 * Plans patch, network and batch: starts with the largest sensible patch and shortens it where it
 * covers most of the image, until a batch of two fits.
 *
 * @throws {RangeError} If not even the smallest patch fits.
 */
export function planPatchAndBatch(data: ResampledData, budget: NetworkBudget): PatchAndBatch {
  const reference = references[data.spacing.length === 2 ? 2 : 3];
  const elements = reference.elements * (budget.gpuMemoryTarget / REFERENCE_GB);
  const describe = (topology: Topology) => {
    const architecture = plainUnet(topology, budget.baseFeatures);
    const estimate = estimateMemory(architecture, topology.patchSize, budget.outputChannels);
    return { architecture, estimate };
  };

  let topology = planTopology(data.spacing, initialPatch(data, reference.initialVoxels));
  let network = describe(topology);
  while (network.estimate / reference.batchSize * MIN_BATCH_SIZE > elements) {
    topology = shortenPatch(topology, data);
    network = describe(topology);
  }
  const { patchSize } = topology;
  if (patchSize.some((extent) => extent < 1)) {
    throw new RangeError(
      `Cannot plan a patch: none is small enough for ${budget.gpuMemoryTarget} GB ` +
        `at spacing [${data.spacing.join(", ")}] mm`,
    );
  }
  const fitting = roundHalfToEven(elements / network.estimate * reference.batchSize);
  const sensible = roundHalfToEven(data.voxels * MAX_DATASET_SHARE / sizeOf(patchSize));
  return {
    patchSize,
    batchSize: Math.max(Math.min(fitting, sensible), MIN_BATCH_SIZE),
    architecture: network.architecture,
  };
}

/** A patch of equal edges in mm and about `voxels` voxels, nowhere longer than the image. */
function initialPatch({ spacing, medianShape }: ResampledData, voxels: number): number[] {
  const density = spacing.map((value) => 1 / value);
  const scale = (voxels / sizeOf(density)) ** (1 / spacing.length);
  return density.map((value, axis) => Math.min(roundHalfToEven(value * scale), medianShape[axis]));
}

/** Shortens the axis along which the patch covers most of the image; the last one of several. */
function shortenPatch({ patchSize, divisors }: Topology, { spacing, medianShape }: ResampledData) {
  const coverage = patchSize.map((extent, axis) => extent / medianShape[axis]);
  const axis = coverage.lastIndexOf(Math.max(...coverage));
  const shortenedBy = (step: number) => patchSize.with(axis, patchSize[axis] - step);
  // A shorter patch may need fewer halvings and so a smaller step: one divisor at once would pass
  // over valid sizes, such as 224 between 256 and 192.
  const { divisors: smaller } = planTopology(spacing, shortenedBy(divisors[axis]));
  return planTopology(spacing, shortenedBy(smaller[axis]));
}

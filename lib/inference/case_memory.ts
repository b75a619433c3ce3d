/** Estimates the memory that cases need, and rejects those that do not fit before any work is done. */

import { type Zyx, zyx } from "../array/nd_array.ts";
import type { Configuration, PlansData } from "../files/plans.ts";
import { splineResampling } from "../files/resampling.ts";
import type { DeviceLimits } from "../memory/device_limits.ts";
import type { ModelFacts } from "../model/model_facts.ts";
import {
  predictionBytes,
  type PredictionSizes,
  requireCaseFits,
} from "../memory/prediction_memory.ts";
import { alwaysHasTwoTaps } from "../preprocessing/axis_methods.ts";
import { plannedGrid } from "../preprocessing/resampling_rules.ts";
import type { Device } from "../runtime/device.ts";
import { CELL_BUDGET } from "../window/cpu/cell_store.ts";
import { windowNeeds } from "../window/open_window.ts";

/** The device that networks run on. */
export interface CheckedDevice {
  readonly device: Device;
  /** Whether convolutions run in float16. */
  readonly half: boolean;
  /** The GPU's memory limits, if known. */
  readonly limits?: DeviceLimits;
  /** Whether logits are summed in this machine's memory. */
  readonly sumsOnHost?: boolean;
}

/** A scan's grid, in the scan's own axis order. */
export interface ScanGrid {
  readonly shape: Zyx;
  /** mm */
  readonly spacing: Zyx;
}

/** The memory that a model's cases need. */
export interface CaseMemory {
  /**
   * Estimates the bytes of this machine's memory that a case needs.
   *
   * @param scan The case's grid.
   * @param probabilities Whether probabilities are computed as well as labels.
   */
  bytesOf(scan: ScanGrid, probabilities: boolean): number;
  /**
   * Throws if a case needs too much memory.
   *
   * @param name The case's name, for the message.
   * @param scan The case's grid.
   * @param probabilities Whether probabilities are computed as well as labels.
   * @param limitBytes Bytes of this machine's memory that the case may take.
   * @throws {MemoryError} If the case needs more than `limitBytes`.
   * @throws {DeviceMemoryError} If the case needs more memory than the GPU has; the remedy says what
   * would fit.
   */
  requireFits(name: string, scan: ScanGrid, probabilities: boolean, limitBytes: number): void;
}

/** The properties of a model that its memory depends on. */
export interface MemoryFacts extends Pick<ModelFacts, "heads" | "inputChannels"> {
  readonly plansData: Pick<PlansData, "transposeForward">;
  readonly configuration: Pick<Configuration, "spacing" | "patchSize" | "resampling">;
}

/** Returns the memory that a model's cases need. The model's networks are measured once, here. */
export function caseMemory(
  models: readonly Uint8Array[],
  facts: MemoryFacts,
  { device, half, limits, sumsOnHost }: CheckedDevice,
): CaseMemory {
  const { heads, inputChannels } = facts;
  const { patchSize: tileSize } = facts.configuration;
  const options = {
    ...{ device, half, limits, sumsOnHost },
    ...{ heads: heads.count, tileSize, gaussian: true },
  };
  const needs = windowNeeds(models, options);
  // Other methods need all logits, for every new voxel depends on many old ones.
  const { probabilities: resampling = splineResampling.probabilities } =
    facts.configuration.resampling ?? {};
  const blendsMany = !alwaysHasTwoTaps(resampling);
  const model = {
    channels: inputChannels,
    heads: heads.count,
    tileSize,
    unfinishedBytes: CELL_BUDGET,
    networkBytes: needs.networkBytes,
  };
  const sizesOf = (scan: ScanGrid, probabilities: boolean): PredictionSizes => ({
    ...model,
    shape: scan.shape,
    resampledShape: shapeOnPlansGrid(scan, facts),
    wholeLogits: probabilities || needs.holdsAllLogits || blendsMany,
    wholeProbabilities: probabilities && blendsMany,
  });
  return {
    bytesOf: (scan, probabilities) => predictionBytes(sizesOf(scan, probabilities)),
    requireFits(name, scan, probabilities, limitBytes) {
      requireCaseFits(name, sizesOf(scan, probabilities), limitBytes);
      needs.requireFits(shapeOnPlansGrid(scan, facts));
    },
  };
}

/** Voxels per axis of an uncropped scan on the plan's grid, (z, y, x). */
export function shapeOnPlansGrid(
  { shape, spacing }: ScanGrid,
  { plansData, configuration }: Pick<MemoryFacts, "plansData" | "configuration">,
): Zyx {
  const from = inPlanOrder(spacing, plansData);
  return zyx(plannedGrid(configuration, inPlanOrder(shape, plansData), from).shape);
}

function inPlanOrder(axes: Zyx, { transposeForward: [a, b, c] }: MemoryFacts["plansData"]): Zyx {
  return [axes[a], axes[b], axes[c]];
}

/** Refuses cases that memory cannot hold, before any work on them. */

import type { Device } from "../runtime/device.ts";
import type { DeviceLimits } from "../memory/memory_error.ts";
import type { ModelFacts } from "./case_job.ts";
import { cpuNetworkBytes } from "../window/cpu/cpu_network.ts";
import { networkNeeds, paddedSize, patchesThatFit } from "../memory/window_memory.ts";
import { planShape, predictionBytes, type ScanGrid } from "../memory/prediction_memory.ts";

/** What networks run on. */
export interface CheckedDevice {
  readonly device: Device;
  /** Convolutions in float16. */
  readonly half: boolean;
  /** What a GPU holds, if it is known. */
  readonly limits?: DeviceLimits;
}

/**
 * Throws if a case needs too much memory.
 *
 * @param name Of the case.
 * @param probabilities Whether they are wanted.
 * @param memoryLimit Bytes of this machine's memory that it may take.
 * @throws {RangeError} If it needs more, naming both.
 * @throws {DeviceMemoryError} If it needs more of the GPU's, saying what would fit.
 */
export type MemoryCheck = (
  name: string,
  scan: ScanGrid,
  probabilities: boolean,
  memoryLimit: number,
) => void;

/** The check for a model's cases. Its networks are looked at once. */
export function memoryCheck(
  models: readonly Uint8Array[],
  facts: ModelFacts,
  { device, half, limits }: CheckedDevice,
): MemoryCheck {
  const { heads, configuration: { patchSize: tileSize } } = facts;
  const pass = { device, half, heads: heads.count, tileSize, gaussian: true };
  const isOnCpu = device === "cpu";
  const needs = isOnCpu ? undefined : networkNeeds(models, pass);
  const networks = isOnCpu ? cpuNetworkBytes(models) : 0;
  return (name, scan, probabilities, memoryLimit) => {
    const wholeLogits = probabilities || !isOnCpu;
    const bytes = predictionBytes(scan, facts, { wholeLogits, networks });
    if (bytes > memoryLimit) {
      throw new RangeError(
        `Cannot predict "${name}": ${scan.shape.join(" × ")} voxels need about ` +
          `${gigabytes(bytes)} of memory, expected at most ${gigabytes(memoryLimit)}`,
      );
    }
    if (!needs) return;
    patchesThatFit(needs, pass, paddedSize(planShape(scan, facts), tileSize), limits);
  };
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toPrecision(3)} GB`;
}

/**
 * Records how fast a training was, beside earlier records of the same fold.
 *
 * @see MIC-DKFZ/nnUNet@0e495086
 * nnunetv2/training/nnUNetTrainer/variants/benchmarking/nnUNetTrainerBenchmark_5epochs.py
 */

import { z } from "../packages/zod.ts";
import type { TrainingLog } from "../interop/training_log.ts";
import { writeJsonAtomically } from "../platform/atomic_write.ts";
import { exists } from "../platform/files.ts";
import { join } from "../platform/paths.ts";
import { hostName } from "../platform/process_owner.ts";
import { readText } from "../platform/read_text.ts";
import type { Device } from "../runtime/device.ts";

/** File name of the records, upstream's. */
export const BENCHMARK_FILE = "benchmark_result.json";

const recordsSchema = z.record(z.string(), z.unknown());

/**
 * Writes the duration of a training's fastest epoch to `benchmark_result.json`, which has one record
 * per machine and device.
 *
 * @param folder The fold's folder.
 * @param device The device that trained.
 * @param log The training's log.
 * @returns Seconds of the fastest epoch.
 * @throws {SyntaxError} If the file exists and is not such a file; it is left as it is.
 */
export async function writeBenchmark(
  folder: string,
  device: Device,
  { epochStart, epochEnd }: TrainingLog,
): Promise<number> {
  const path = join(folder, BENCHMARK_FILE);
  const earlier = await exists(path) ? recordsOf(await readText(path), path) : {};
  const fastest = Math.min(...epochEnd.map((end, i) => end - epochStart[i]));
  const host = hostName();
  const gpus = device === "cpu" ? 0 : 1;
  const records = {
    ...earlier,
    [`${host}__nnunet-ts__${device}__num_gpus_${gpus}`]: {
      device,
      fastest_epoch: fastest,
      num_gpus: gpus,
      hostname: host,
    },
  };
  await writeJsonAtomically(path, records);
  return fastest;
}

function recordsOf(text: string, path: string): Record<string, unknown> {
  try {
    return recordsSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new SyntaxError(
      `Cannot add to ${path}: it is not a benchmark's records; remove or rename it`,
      { cause },
    );
  }
}

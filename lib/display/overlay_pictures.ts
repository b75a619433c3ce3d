/** Draws a picture of each case of a data set, to look through them quickly. */

import type { TrainingCase } from "../dataset/case.ts";
import { runCases } from "../dataset/run_cases.ts";
import { type KnownOptions, requireKnown } from "../options/require_known.ts";
import { createFolder, sameFile } from "../platform/files.ts";
import { join } from "../platform/paths.ts";
import { workerAddress } from "../platform/workers.ts";
import { listCases } from "../preprocessing/storage.ts";
import type { OverlayApi, OverlayJob } from "./overlay_worker.ts";

/** Which cases to draw, and how. */
export interface WriteOverlaysOptions {
  /** The training cases, or the folder of preprocessed cases of one configuration. */
  readonly cases: readonly TrainingCase[] | string;
  /** Folder for the pictures, `CASE.png`. */
  readonly output: string;
  /** For training cases, name of the reader to read files as; their format decides by default. */
  readonly reader?: string;
  /** Channel to draw, from 0; the first by default. */
  readonly channel?: number;
  /** How strong the classes' colours are, above 0; 0.6 by default. */
  readonly intensity?: number;
  /** Number of cases drawn at once; one per core by default. */
  readonly workers?: number;
  /** Aborts the work; finished pictures are kept. */
  readonly signal?: AbortSignal;
  /** Called after each case, with the number of drawn cases and of all cases. */
  readonly onProgress?: (done: number, total: number) => void;
}

const writeOverlaysOptions: KnownOptions<WriteOverlaysOptions> = {
  cases: true,
  output: true,
  reader: true,
  channel: true,
  intensity: true,
  workers: true,
  signal: true,
  onProgress: true,
};

/**
 * Draws the slice of each case in which its classes are present most, with their colours, as nnU-Net's
 * `plot_overlay_pngs` does. A pixel is a voxel, whatever the spacing.
 *
 * @param options The cases, the folder for the pictures, and how to draw them.
 * @returns Paths of the pictures.
 * @throws {TypeError} If an option is unknown.
 * @throws {RangeError} If `channel` or `intensity` is out of range, or there are no cases.
 * @throws {FailedCasesError} If cases cannot be read, or have no such channel; the others are drawn.
 * @throws {Error} If the folder cannot be created, or a picture would replace a file of a case.
 * @throws The signal's reason, if it is aborted.
 *
 * @example Pictures of all training cases
 * ```ts ignore
 * import { Dataset, writeOverlays } from "nnunet";
 *
 * const { cases } = await Dataset.open({ root: "nnunet", id: 4 });
 * await writeOverlays({ cases, output: "overlays" });
 * ```
 */
export async function writeOverlays(options: WriteOverlaysOptions): Promise<string[]> {
  requireKnown(options, writeOverlaysOptions, "draw overlays");
  const { cases, output, reader, channel = 0, intensity = 0.6, workers, signal } = options;
  if (!Number.isInteger(channel) || channel < 0) {
    throw new RangeError(`Cannot draw overlays: channel is ${channel}, expected 0 or more`);
  }
  if (!(intensity > 0 && Number.isFinite(intensity))) {
    throw new RangeError(`Cannot draw overlays: intensity is ${intensity}, expected above 0`);
  }
  const sources = typeof cases === "string"
    ? (await listCases(cases)).map((name) => ({ name, source: { folder: cases } }))
    : cases.map(({ name, images, label }) => ({ name, source: { images, label, reader } }));
  if (sources.length === 0) {
    const found = typeof cases === "string"
      ? `found no preprocessed cases in ${cases}`
      : "no cases";
    throw new RangeError(`Cannot draw overlays: ${found}, expected at least one`);
  }
  const jobs = sources.map((one): OverlayJob => ({
    ...{ ...one, channel, intensity },
    output: join(output, `${one.name}.png`),
  }));
  for (const { source, output } of jobs) {
    if (!("images" in source)) continue;
    for (const file of [...source.images, source.label]) {
      if (!await sameFile(file, output)) continue;
      throw new Error(
        `Cannot draw overlays: a picture would replace ${file}; choose another \`output\``,
      );
    }
  }
  await createFolder(output, { recursive: true });
  let done = 0;
  options.onProgress?.(done, jobs.length);
  await runCases<OverlayApi, OverlayJob>(
    workerAddress("./overlay_worker.ts", import.meta),
    jobs,
    (worker, job) => worker.call("draw", [job]),
    {
      ...{ action: "draw", workers, signal },
      onDone: () => options.onProgress?.(++done, jobs.length),
    },
  );
  return jobs.map((job) => job.output);
}

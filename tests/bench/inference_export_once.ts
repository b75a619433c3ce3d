/**
 * Computes labels from random logits and prints the seconds and the peak memory above the logits.
 * This is a program because a process's peak is never reset.
 */

import { sizeOf, type Zyx } from "../../lib/array/nd_array.ts";
import { restoreLabels } from "../../lib/labels/restore_labels.ts";
import { LabelThreads } from "../../lib/labels/label_threads.ts";
import { processMemory } from "./process_memory.ts";

/** What to export, as plain data. */
export interface ExportJob {
  readonly heads: number;
  /** Grids of the logits and of the labels, (z, y, x), and their spacings in mm. */
  readonly from: Zyx;
  readonly to: Zyx;
  readonly planned: Zyx;
  readonly spacing: Zyx;
  readonly threads: number;
}

if (import.meta.main) {
  const job: ExportJob = JSON.parse(Deno.args[0]);
  const threads = new LabelThreads(job.threads);
  const warmUp = { ...job, heads: 3, from: [100, 100, 100], to: [200, 200, 200] } as const;
  await runExport(warmUp, threads); // Starts threads and compiles.
  console.log(JSON.stringify(await runExport(job, threads)));
  await threads.close();
}

async function runExport({ heads, from, to, planned, spacing }: ExportJob, threads: LabelThreads) {
  const data = new Float32Array(heads * sizeOf(from));
  let state = 1;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    data[i] = state / 2 ** 32;
  }
  const [z, y, x] = spacing;
  const before = processMemory("VmRSS");
  const begin = performance.now();
  const grid = { shape: to, spacing: planned, newSpacing: spacing };
  const [labels] = await threads.label(
    from,
    [grid],
    { count: heads },
    async (visit) => await visit({ shape: [heads, ...from], data, origin: [0, 0, 0] }),
  );
  restoreLabels(labels, {
    geometry: {
      shape: to,
      spacing,
      affine: [x, 0, 0, 0, 0, y, 0, 0, 0, 0, z, 0, 0, 0, 0, 1],
    },
    shapeBeforeCropping: to,
    cropBox: [[0, to[0]], [0, to[1]], [0, to[2]]],
    shapeAfterCropping: to,
    spacingAfterTransposing: spacing,
  }, { transposeBackward: [0, 1, 2] });
  const seconds = (performance.now() - begin) / 1000;
  return { seconds, peakBytes: processMemory("VmHWM") - before };
}

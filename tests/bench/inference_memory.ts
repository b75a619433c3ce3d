/**
 * `bench:inference`, memory: labels for 118 classes on 512 × 512 × 400 voxels, with a stub instead
 * of the network. As a program, it prints the peak memory of its process in bytes.
 */

import { fileURLToPath } from "node:url";
import type { Zyx } from "../../lib/array/nd_array.ts";
import { LabelThreads } from "../../lib/labels/label_threads.ts";
import { CpuWindow } from "../../lib/window/cpu/cpu_window.ts";
import { processMemory } from "./process_memory.ts";

/** Upper limit of the process's memory, in gigabytes. */
export const memoryTarget = 6;

const heads = 118;
const size: Zyx = [400, 512, 512];
const tileSize: Zyx = [96, 96, 96];

/** Runs the prediction in a separate process and returns its peak memory in bytes. */
export async function predictionMemory(): Promise<number> {
  const begin = performance.now();
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", fileURLToPath(import.meta.url)],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error("Cannot measure memory: the process failed, expected a number");
  const peak = Number(new TextDecoder().decode(stdout));
  console.log(
    `118 classes on 512 × 512 × 400 voxels in ${
      ((performance.now() - begin) / 60000).toFixed(1)
    } minutes: peak memory ${(peak / 1e9).toFixed(2)} GB`,
  );
  return peak;
}

async function labelEverything() {
  const volume = { shape: [1, ...size], data: new Float32Array(400 * 512 * 512).fill(1) };
  const logits = new Float32Array(heads * 96 ** 3).map((_, i) => (i * 7) % 1013);
  const window = new CpuWindow([() => Promise.resolve(logits)], { tileSize, heads });
  const run = {
    onProgress(done: number, total: number) {
      if (done % 50 === 0 || done === total) console.error(`${done} of ${total} tiles`);
    },
  };
  const grid = { shape: size, spacing: [1, 1, 1], newSpacing: [1, 1, 1] };
  await new LabelThreads().label(
    size,
    [grid],
    { count: heads },
    (visit) => window.forEachBox(volume, visit, run),
  );
}

if (import.meta.main) {
  await labelEverything();
  console.log(processMemory("VmHWM"));
  Deno.exit(0); // The threads are still waiting for work.
}

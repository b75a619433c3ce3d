/**
 * `deno task bench:loading`: measures how long training waits for batches.
 *
 * Runs real training steps on all cores while one loader reads cases from disk and augments them.
 * Reports the share of time spent waiting for batches and, separately, the time to make a batch
 * with all cases in memory and with none. `--setting a,b` selects settings, `--steps N` measures
 * longer, and `--check` fails if training waits for 5 % or more of the time.
 */

import { type Shape, sizeOf, type Zyx } from "../../lib/array/nd_array.ts";
import { initialWeights } from "../../lib/network/network.ts";
import { classLocations } from "../../lib/preprocessing/class_locations.ts";
import { writeCase } from "../../lib/preprocessing/storage.ts";
import { createGenerator } from "../../lib/random/generator.ts";
import { BatchLoader, type BatchLoaderOptions } from "../../lib/training/batches/batch_loader.ts";
import { StepRunner } from "../../lib/training/step/step_runner.ts";
import { taskOptions } from "../task_options.ts";
import { uncroppedProperties } from "../training/cases.ts";
import { CLASSES } from "./plain_network.ts";
import { stepPartsOf } from "./step_networks.ts";

/** Share of the time that training may spend waiting. */
const TARGET = 0.05;
const CASES = 8;

/**
 * Settings by letter. The networks are smaller than planned ones, which leaves loaders less time.
 */
const settings = {
  a: { volume: [40, 52, 38], patch: [40, 56, 40], batch: 9, features: [32, 64, 128, 256] },
  b: { volume: [140, 170, 140], patch: [64, 64, 64], batch: 2, features: [16, 32, 64, 128] },
  c: { volume: [40, 52, 38], patch: [56, 40], batch: 64, features: [32, 64, 128, 256] },
} as const;

const options = taskOptions(import.meta.url, {
  setting: { type: "string", default: Object.keys(settings).join(",") },
  steps: { type: "string", default: "12" },
  check: { type: "boolean", default: false },
});
const chosen = options.setting.split(",") as (keyof typeof settings)[];
const unknown = chosen.filter((name) => !(name in settings));
const steps = Number(options.steps);
if (unknown.length > 0 || !(Number.isInteger(steps) && steps > 0)) {
  console.error(
    `Cannot measure: found --setting ${options.setting} --steps ${options.steps}, ` +
      `expected letters from ${Object.keys(settings).join(",")} and a positive integer`,
  );
  Deno.exit(2);
}

const folder = await Deno.makeTempDir();
const shares: Partial<Record<keyof typeof settings, number>> = {};
try {
  for (const name of chosen) shares[name] = await measure(name);
} finally {
  await Deno.remove(folder, { recursive: true });
}
const figures = chosen.map((name) => `${name} ${(100 * shares[name]!).toFixed(1)} %`);
console.log(`waiting for batches: ${figures.join(", ")}`);
Deno.exit(options.check && chosen.some((name) => shares[name]! >= TARGET) ? 1 : 0);

async function measure(name: keyof typeof settings): Promise<number> {
  const { volume, patch, batch, features } = settings[name];
  const threads = navigator.hardwareConcurrency;
  const cases = `${folder}/${name}`;
  const caseNames = await writeCases(cases, volume);
  const loading: BatchLoaderOptions = {
    folder: cases,
    caseNames,
    patchSize: patch,
    batchSize: batch,
    seed: 1,
    pipeline: { purpose: "training" },
  };
  const kept = await batchTime(loading);
  const read = await batchTime({ ...loading, cacheBytes: 0 });
  const { waited, total } = await train(loading, patch, features, threads);
  console.log(
    `${name}: patch ${patch.join("×")}, batch ${batch}, features ${features.join("-")}, ` +
      `${threads} threads, Deno ${Deno.version.deno}: step ` +
      `${((total - waited) / steps).toFixed(0)} ms; a batch from memory ${kept.toFixed(0)} ms, ` +
      `from disk ${read.toFixed(0)} ms; waited ${(100 * waited / total).toFixed(1)} %`,
  );
  return waited / total;
}

/** Writes cases of noise with a box of each label, and returns their names. */
async function writeCases(folder: string, shape: Zyx): Promise<string[]> {
  const names = Array.from({ length: CASES }, (_, i) => `case_${i}`);
  for (const [seed, name] of names.entries()) {
    const generator = createGenerator(seed);
    const data = Float32Array.from({ length: sizeOf(shape) }, () => generator.normal());
    const labels = new Int8Array(data.length);
    for (let label = 1; label < CLASSES; label++) {
      const begin = shape.map((extent) => generator.integer(0, extent >> 1));
      for (let z = begin[0]; z < begin[0] + (shape[0] >> 2); z++) {
        for (let y = begin[1]; y < begin[1] + (shape[1] >> 2); y++) {
          const row = (z * shape[1] + y) * shape[2] + begin[2];
          labels.fill(label, row, row + (shape[2] >> 2));
        }
      }
    }
    const segmentation = { shape, data: labels };
    await writeCase(folder, {
      name,
      data: { shape: [1, ...shape], data },
      segmentation,
      classLocations: classLocations(segmentation, [1, 2]),
      properties: uncroppedProperties(shape),
    });
  }
  return names;
}

/** Milliseconds that one loader takes for a batch while nothing else runs. */
async function batchTime(options: BatchLoaderOptions): Promise<number> {
  const loader = await BatchLoader.open(options);
  const take = async (count: number) => {
    for (let i = 0; i < count; i++) loader.recycle(await loader.next());
  };
  await take(4); // Reads the cases and warms up the compiler.
  const begin = performance.now();
  await take(steps);
  const time = performance.now() - begin;
  loader.close();
  return time / steps;
}

async function train(
  loading: BatchLoaderOptions,
  patch: Shape,
  features: readonly number[],
  threads: number,
) {
  const runner = await StepRunner.start(
    { ...stepPartsOf({ patch, batch: loading.batchSize, features }), threads },
    (parameters) => ({ weights: initialWeights(parameters, createGenerator(0)) }),
  );
  const loader = await BatchLoader.open(loading);
  try {
    let waited = 0, start = 0;
    for (let step = -2; step < steps; step++) {
      if (step === 0) [start, waited] = [performance.now(), 0]; // The first two warm up.
      const begin = performance.now();
      const batch = await loader.next();
      waited += performance.now() - begin;
      loader.recycle((await runner.train(batch, 0.01)).batch);
    }
    return { waited, total: performance.now() - start };
  } finally {
    loader.close();
    runner.close();
  }
}

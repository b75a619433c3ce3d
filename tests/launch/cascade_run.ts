/**
 * Launches all five folds of all four configurations, the cascade's included, of a data set of
 * phantoms with a tiny plan, on a Slurm of two nodes. It takes minutes, so it is run on demand:
 *
 * ```sh
 * deno run -A tests/launch/cascade_run.ts
 * ```
 */

import assert from "node:assert/strict";
import { join } from "@std/path";
import { generateDataset } from "../../data/phantom_dataset.ts";
import { phantomLabels } from "../../data/tissues.ts";
import { Dataset } from "../../lib/dataset/dataset.ts";
import { Launcher } from "../../lib/launch/launcher.ts";
import { Planner } from "../../lib/planner.ts";
import { startSlurm, until, whyNoSlurm } from "./slurm_cluster.ts";

const reason = whyNoSlurm();
if (reason) throw new Error(`Cannot launch on Slurm: ${reason}`);

const root = await Deno.makeTempDir();
await generateDataset({ folder: join(root, "phantoms"), cases: 5, spacing: [1.6, 1.6, 1.6] });
const dataset = await Dataset.create({
  root,
  id: 9,
  name: "Phantoms",
  images: join(root, "phantoms", "input"),
  labels: join(root, "phantoms", "ground_truth"),
  channels: ["MRI"],
  classes: Object.keys(phantomLabels).slice(1),
});
const plans = await new Planner({ gpuMemoryTarget: 0.01, baseFeatures: 32 }).plan(dataset);
const configurations = Object.keys(plans.plansData.configurations);
console.log(`planned ${configurations.join(", ")}`);
assert.ok(configurations.includes("3d_cascade_fullres"));
const scans = join(root, "scans");
await Deno.mkdir(scans);
const [first] = dataset.cases[0].images;
await Deno.copyFile(first, join(scans, "new_0000.nii.gz"));

await using _ = await startSlurm();
const launcher = new Launcher({
  root,
  id: 9,
  engine: "slurm",
  cpus: 1,
  gpus: 0,
  memory: "3G",
  time: "30:00",
  trainArguments: [
    ...["--epochs", "1", "--iterations", "2", "--val_iterations", "1", "--device", "cpu"],
    ...["--threads", "1", "--loaders", "1"],
  ],
  predict: { input: scans, output: join(root, "labels") },
});
const begin = performance.now();
const { submitted } = await launcher.submit();
console.log(`${submitted.length} jobs`);
await until("all jobs", async () => {
  const statuses = await launcher.status();
  const failed = statuses.filter(({ phase }) => phase === "failed");
  const logs = await Promise.all(failed.map(({ name }) => launcher.log(name).catch(String)));
  assert.deepEqual(failed, [], logs.join("\n"));
  return statuses.every(({ phase }) => phase === "done");
}, 3600);
const seconds = (performance.now() - begin) / 1000;
const sum = (await launcher.status()).reduce((sum, { seconds = 0 }) => sum + seconds, 0);
assert.ok(await Deno.stat(join(root, "labels", "new.nii.gz")));
console.log(`from submit to predictions ${seconds.toFixed(0)} s, all jobs together ${sum} s`);
await Deno.remove(root, { recursive: true });

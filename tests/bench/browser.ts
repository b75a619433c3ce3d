/**
 * `deno task bench:browser`: compares prediction and training in a page, in one thread of
 * WebAssembly, with onnxruntime-node's in one thread, alternating, and measures the page itself.
 *
 * `--nets small,hippocampus,large` and `--rounds N` limit it. `--check` fails if a target is missed.
 * The last line is JSON.
 */

import { join } from "@std/path";
import type { Page } from "playwright-core";
import { exportHtml } from "../../lib/browser/export_html.ts";
import { packedEnding, pageParts } from "../../lib/browser/bundle.ts";
import { pageFileNames } from "../../lib/browser/page_manifest.ts";
import type { PlansData } from "../../lib/files/plans.ts";
import { formatBytes } from "../../lib/options/format_bytes.ts";
import { Predictor } from "../../lib/predictor.ts";
import type { Zyx } from "../../lib/array/nd_array.ts";
import * as library from "../../lib/browser/mod.ts";
import { withPage } from "../browser/browser.ts";
import { callInPage, openLibrary, withLibrarySite } from "../browser/library_page.ts";
import { segmentIn, withModelPage } from "../browser/model_page.ts";
import { smallPlans, smallScan, writeSmallModel } from "../browser/small_models.ts";
import { prepare } from "../browser/training_in_page.ts";
import { taskOptions } from "../task_options.ts";
import { timeSteps } from "./browser_steps.ts";
import { formatMilliseconds, spreadOf } from "./statistics.ts";

/** A network of the bench. */
interface BrowserNet {
  /** Voxels of the patch. */
  readonly patch: Zyx;
  /** Features per stage of the network that predicts; planned ones for the one that trains. */
  readonly features: readonly number[];
  /** Number of training steps per round. */
  readonly steps: number;
}

const nets: Readonly<Record<string, BrowserNet>> = {
  small: { patch: [32, 32, 32], features: [8, 16, 32], steps: 20 },
  hippocampus: { patch: [40, 56, 40], features: [32, 64, 128, 256], steps: 3 },
  large: { patch: [64, 64, 64], features: [32, 64, 128, 256, 320], steps: 1 },
};

const targets = { passRatio: 2, codeBytes: 3e6, exportSeconds: 2 } as const;

const options = taskOptions(import.meta.url, {
  nets: { type: "string", default: Object.keys(nets).join(",") },
  rounds: { type: "string", default: "3" },
  check: { type: "boolean", default: false },
});
const rounds = Number(options.rounds);
const names = options.nets.split(",");
for (const name of names) {
  if (!nets[name]) throw new RangeError(`Cannot measure ${name}: expected ${Object.keys(nets)}`);
}

const root = await Deno.makeTempDir({ prefix: "bench_browser_" });
const missed: string[] = [];
const require = (what: string, value: number, target: number) => {
  if (value > target) missed.push(`${what} ${value.toFixed(2)}, expected at most ${target}`);
};
try {
  const folder = await pageParts(); // The scripts are made beforehand.
  const files = Object.values(pageFileNames);
  const unpackedBytes = await bytesOf(folder, files);
  const codeBytes = await bytesOf(folder, files.map((name) => name + packedEnding));
  require("bytes of code", codeBytes, targets.codeBytes);
  console.log(`code: ${formatBytes(codeBytes)} in a page, ${formatBytes(unpackedBytes)} unpacked`);
  const passes: Record<string, { page: number; node: number; ratio: number }> = {};
  const steps: typeof passes = {};
  const pages: Record<string, { bytes: number; exportSeconds: number; firstSeconds: number }> = {};
  for (const name of names) {
    const { model, path, exportSeconds } = await makePage(name);
    require(`${name}: seconds of the export`, exportSeconds, targets.exportSeconds);
    passes[name] = await comparePasses(name, model, path);
    require(`${name}: time of a pass`, passes[name].ratio, targets.passRatio);
    steps[name] = await compareSteps(name);
    const { size: bytes } = await Deno.stat(path);
    const firstSeconds = await firstSegmentation(name, path);
    pages[name] = { bytes, exportSeconds, firstSeconds };
    console.log(
      `   page of ${formatBytes(bytes)}, exported in ${exportSeconds.toFixed(2)} s, ` +
        `${firstSeconds.toFixed(1)} s from opening it to the first segmentation`,
    );
  }
  for (const miss of missed) console.log(`missed: ${miss}`);
  console.log(JSON.stringify({ deno: Deno.version.deno, codeBytes, passes, steps, pages, missed }));
} finally {
  await Deno.remove(root, { recursive: true });
}
Deno.exit(options.check && missed.length > 0 ? 1 : 0);

async function bytesOf(folder: string, files: readonly string[]): Promise<number> {
  const infos = await Promise.all(files.map((name) => Deno.stat(join(folder, name))));
  return infos.reduce((sum, { size }) => sum + size, 0);
}

/** Writes a network with random weights, and its page. */
async function makePage(name: string) {
  const model = await writeSmallModel(
    join(root, name),
    { configuration: "3d_fullres" },
    plansOf(name),
  );
  const path = join(root, `${name}.html`);
  const begin = performance.now();
  await exportHtml(path, { models: [model] });
  return { model, path, exportSeconds: (performance.now() - begin) / 1000 };
}

/** Plans with a network of the bench. */
function plansOf(name: string): PlansData {
  const { patch, features } = nets[name];
  const plans = smallPlans({ configuration: "3d_fullres" });
  const planned = plans.configurations["3d_fullres"]!;
  const stages = features.length;
  const architecture = {
    ...planned.architecture,
    featuresPerStage: features,
    kernelSizes: features.map(() => [3, 3, 3]),
    strides: features.map((_, stage) => stage === 0 ? [1, 1, 1] : [2, 2, 2]),
    convsPerStage: features.map(() => 2),
    convsPerStageDecoder: Array(stages - 1).fill(2),
  };
  const configuration = { ...planned, patchSize: patch, architecture };
  return { ...plans, configurations: { ...plans.configurations, "3d_fullres": configuration } };
}

/** A scan of one tile, which takes eight passes, one for each mirrored view. */
function scanOf(name: string) {
  return smallScan({ shape: nets[name].patch });
}

/** Milliseconds between reports of passes. */
function between(times: readonly number[]): number[] {
  return times.slice(1).map((time, i) => time - times[i]);
}

/** Times passes in both, alternating. */
async function comparePasses(name: string, model: string, path: string) {
  const scan = scanOf(name);
  const inPage: number[] = [];
  const inNode: number[] = [];
  using predictor = await Predictor.open(model, { threads: 1, device: "cpu" });
  await withPage(async (page: Page) => {
    await withModelPage(page, path, "file", async () => {
      for (let round = 0; round <= rounds; round++) {
        const times: number[] = [];
        await predictor.predict(scan, {
          onProgress: ({ cases }) => cases === 0 && times.push(performance.now()),
        });
        const { progress, times: pageTimes } = await segmentIn(page, scan);
        if (round === 0) continue; // Warms up caches and compilers.
        inNode.push(...between(times));
        inPage.push(
          ...between(
            pageTimes.filter((_, i) =>
              progress[i].share > 0 && progress[i].what.startsWith("Segmenting")
            ),
          ).slice(0, times.length - 1),
        );
      }
    });
  });
  const [pageMs, node] = [inPage, inNode].map((times) => spreadOf(times).median);
  console.log(
    `${name}: a pass takes ${formatMilliseconds(inPage)} ms in the page, ` +
      `${formatMilliseconds(inNode)} ms in onnxruntime-node: ${(pageMs / node).toFixed(2)} times`,
  );
  return { page: pageMs, node, ratio: pageMs / node };
}

/** Times training steps in both, alternating. */
async function compareSteps(name: string) {
  const { patch, features: [baseFeatures], steps } = nets[name];
  const net = {
    root: join(root, `${name}_training`),
    spacing: [1, 1, 1] as const,
    planning: {
      baseFeatures,
      overrides: { "3d_fullres": { patchSize: patch, batchSize: 2 } },
    },
  };
  const features = await prepare(library, net);
  const inPage: number[] = [];
  const inNode: number[] = [];
  await withPage((page) =>
    withLibrarySite(async (address) => {
      await openLibrary(page, address);
      await callInPage(page, prepare, { ...net, root: "/data" });
      for (let round = 0; round < rounds; round++) {
        inNode.push(...await timeSteps(library, { root: net.root, steps }));
        inPage.push(...await callInPage(page, timeSteps, { root: "/data", steps }));
      }
    })
  );
  const [pageMs, node] = [inPage, inNode].map((times) => spreadOf(times).median);
  console.log(
    `   a training step (batch 2, features ${features.join("-")}) takes ` +
      `${formatMilliseconds(inPage)} ms in the page, ${formatMilliseconds(inNode)} ms in ` +
      `onnxruntime-node: ${(pageMs / node).toFixed(2)} times`,
  );
  return { page: pageMs, node, ratio: pageMs / node };
}

/** Seconds from opening the page in a new browser to the first label map. */
async function firstSegmentation(name: string, path: string): Promise<number> {
  const scan = scanOf(name);
  return await withPage(async (page) => {
    const begin = performance.now();
    return await withModelPage(page, path, "file", async () => {
      await segmentIn(page, scan);
      return (performance.now() - begin) / 1000;
    });
  });
}

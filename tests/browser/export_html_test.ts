/** Compares what exported pages segment with what `Predictor` does, voxel for voxel. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import { exportHtml, type ExportHtmlOptions } from "../../lib/browser/export_html.ts";
import { pageParts } from "../../lib/browser/bundle.ts";
import { ensembleFolders } from "../../lib/ensembling/ensemble_folders.ts";
import type { Image, Segmentation } from "../../lib/image/image.ts";
import { readSegmentation } from "../../lib/image/image_files.ts";
import { applySteps } from "../../lib/postprocessing/steps.ts";
import { Predictor } from "../../lib/predictor.ts";
import { testInBrowser } from "./browser.ts";
import { compareLabels } from "./compare_labels.ts";
import { testInFirefox } from "./firefox.ts";
import { type Place, places, segmentIn, servePage, withModelPage } from "./model_page.ts";
import {
  modelsFolder,
  type SmallModel,
  smallPlans,
  smallScan,
  writeSmallModel,
} from "./small_models.ts";

const root = modelsFolder();
let pages = 0;

/** Exports a page under a new name. */
async function exported(options: ExportHtmlOptions): Promise<string> {
  const path = join(root, "..", `page_${pages++}${options.asFolder ? "" : ".html"}`);
  await exportHtml(path, options);
  return path;
}

/**
 * Asserts that labels are those of `Predictor`. Networks with random weights have voxels whose classes
 * tie; there, and only there, they may differ.
 */
async function assertAsPredictor(
  found: Segmentation,
  model: string,
  scan: Image,
  previousStage?: Segmentation,
): Promise<void> {
  using predictor = await Predictor.open(model, { threads: 1, device: "cpu" });
  const expected = await predictor.predict(scan, { previousStage });
  assertHasClasses(expected);
  assert.deepEqual(found.geometry, expected.geometry);
  const differences = await compareLabels(found, expected, predictor, scan, previousStage);
  assert.equal(differences.withoutTie, 0, "Labels differ where classes do not tie");
  assert.ok(differences.differing <= 10, `${differences.differing} voxels differ`);
}

/** Label maps with a single label would say little. */
function assertHasClasses({ data }: Segmentation): void {
  assert.ok(new Set(data).size > 1, "the network predicts one label only");
}

const small: SmallModel = { configuration: "3d_fullres" };

for (const place of places) {
  testInBrowser(
    `a page opened from ${describe(place)} segments as Predictor does`,
    async (page) => {
      const model = await writeSmallModel(join(root, place), small);
      const path = await exported({ models: [model] });
      await withModelPage(page, path, place, async () => {
        assert.equal(await page.evaluate("crossOriginIsolated"), place === "isolated");
        for (const seed of [1, 2]) {
          const scan = smallScan(small, seed);
          const { segmentation, progress } = await segmentIn(page, scan);
          await assertAsPredictor(segmentation, model, scan);
          assert.equal(progress.at(-1)!.share, 1);
        }
      });
    },
  );
}

for (const place of ["file", "isolated"] as const) {
  testInFirefox(
    `a page opened from ${describe(place)} in Firefox segments as Predictor does`,
    async (page) => {
      const model = await writeSmallModel(join(root, `firefox_${place}`), small);
      const path = await exported({ models: [model] });
      await withModelPage(page, path, place, async () => {
        const scan = smallScan(small);
        await assertAsPredictor((await segmentIn(page, scan)).segmentation, model, scan);
      });
    },
  );
}

function describe(place: Place): string {
  if (place === "file") return "the disk";
  return place === "http" ? "a server" : "a server that isolates pages";
}

/** Models of other kinds, and scans for them. */
const kinds: Readonly<Record<string, { model: SmallModel; scan: Image }>> = {
  "an anisotropic scan that is resampled": {
    model: { configuration: "3d_fullres", shape: [12, 40, 40], spacing: [5, 1, 1] },
    scan: smallScan({ shape: [14, 31, 38], spacing: [4.1, 1.3, 0.9] }),
  },
  "a 2D model with three channels": {
    model: { configuration: "2d", channels: ["red", "green", "blue"] },
    scan: smallScan({ channels: ["red", "green", "blue"], shape: [5, 40, 33] }),
  },
  "regions": {
    model: {
      configuration: "3d_fullres",
      labels: { background: 0, whole: [1, 2, 3], core: [2, 3], spot: 3 },
      regionsClassOrder: [1, 2, 3],
    },
    scan: smallScan({}),
  },
  "CT scans and a residual encoder": {
    model: {
      configuration: "3d_fullres",
      channels: ["CT"],
      planner: "nnUNetPlannerResEncM",
    },
    scan: smallScan({ channels: ["CT"], spacing: [1.2, 1, 1] }),
  },
  "several folds": {
    model: { configuration: "3d_fullres", folds: [1, 2] },
    scan: smallScan({}),
  },
};

for (const [kind, { model, scan }] of Object.entries(kinds)) {
  testInBrowser(`a page segments as Predictor does: ${kind}`, async (page) => {
    const folder = await writeSmallModel(join(root, `kind${pages}`), model);
    const path = await exported({ models: [folder] });
    await withModelPage(page, path, "file", async () => {
      const { segmentation } = await segmentIn(page, scan);
      await assertAsPredictor(segmentation, folder, scan);
    });
  });
}

testInBrowser(
  "a page contains a cascade's first stage, and segments as Predictor does",
  async (page) => {
    const model: SmallModel = {
      configuration: "3d_cascade_fullres",
      shape: [160, 160, 160],
      labels: { background: 0, a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7 },
    };
    const plans = smallPlans(model);
    const results = join(root, "cascade");
    const lowres = await writeSmallModel(results, { ...model, configuration: "3d_lowres" }, plans);
    const folder = await writeSmallModel(results, model, plans);
    const scan = smallScan({ shape: [36, 30, 34] });
    // A tie in the first stage changes what the second one sees, so each is compared by itself.
    const [first, path] = [
      await exported({ models: [lowres] }),
      await exported({ models: [folder] }),
    ];
    const previous = await withModelPage(page, first, "file", () => segmentIn(page, scan));
    await assertAsPredictor(previous.segmentation, lowres, scan);
    await withModelPage(page, path, "file", async () => {
      const { segmentation, progress } = await segmentIn(page, scan);
      await assertAsPredictor(segmentation, folder, scan, previous.segmentation);
      assert.ok(progress.some(({ what }) => what === "First stage (3d_lowres)"));
    });
  },
);

testInBrowser("a page merges and postprocesses an ensemble as the commands do", async (page) => {
  const results = join(root, "ensemble");
  const models: string[] = [];
  for (const configuration of ["2d", "3d_fullres"]) {
    models.push(await writeSmallModel(results, { configuration }));
  }
  const scan = smallScan({ spacing: [1.5, 1, 1] });
  const steps = [{ keepLargest: 1 }];
  const folders: string[] = [];
  for (const model of models) {
    using predictor = await Predictor.open(model, { threads: 1, device: "cpu" });
    folders.push(join(results, "predicted", `${folders.length}`));
    await predictor.predictProbabilities(scan, folders.at(-1)!);
  }
  const output = join(results, "merged");
  const datasetFile = join(models[0], "dataset.json");
  await ensembleFolders({ members: folders, output, datasetFile });
  const merged = await readSegmentation(join(output, "scan.nii.gz"));
  const path = await exported({ models, postprocessing: steps });
  await withModelPage(page, path, "file", async () => {
    const { segmentation, progress } = await segmentIn(page, scan);
    const expected = applySteps(merged, steps);
    assertHasClasses(expected);
    assert.deepEqual(segmentation, expected);
    assert.equal(progress.at(-1)!.what, "Merging the models");
  });
});

testInBrowser("a page that is cancelled stops at once, and segments again", async (page) => {
  const folder = await writeSmallModel(join(root, "cancelled"), small);
  const path = await exported({ models: [folder] });
  const scan = smallScan({ shape: [48, 64, 56] });
  for (const place of ["file", "isolated"] as const) {
    await withModelPage(page, path, place, async () => {
      assert.deepEqual(await page.evaluate(cancelInPage, scan.geometry), {
        message: "Enough",
        reportsAfterwards: 0,
      });
      const again = smallScan(small);
      const { segmentation } = await segmentIn(page, again);
      await assertAsPredictor(segmentation, folder, again);
    });
  }
});

/** Cancels a segmentation in the page once passes run, and waits for reports of others. */
async function cancelInPage(geometry: Image["geometry"]) {
  // deno-lint-ignore no-explicit-any -- the page's own global
  const segmenter = await (globalThis as any).nnunet.open();
  const controller = new AbortController();
  const [z, y, x] = geometry.shape;
  let reportsAfterwards = 0;
  const message = await segmenter.segment(
    { geometry, channels: 1, data: new Float32Array(z * y * x) },
    {
      signal: controller.signal,
      onProgress({ share }: { share: number }) {
        if (controller.signal.aborted) reportsAfterwards++;
        if (share > 0) controller.abort(new Error("Enough"));
      },
    },
  ).then(() => "Done", (error: Error) => error.message);
  await new Promise((resolve) => setTimeout(resolve, 500));
  return { message, reportsAfterwards };
}

testInBrowser(
  "a page refuses what does not fit and says what would, before any work",
  async (page) => {
    const folder = await writeSmallModel(join(root, "memory"), small);
    const path = await exported({ models: [folder] });
    await page.addInitScript(() => {
      Object.defineProperty(Navigator.prototype, "deviceMemory", { value: 0.25 });
    });
    await withModelPage(page, path, "file", async () => {
      const refused = (scan: Pick<Image, "geometry" | "channels">) =>
        page.evaluate(async (scan) => {
          // deno-lint-ignore no-explicit-any -- the page's own global
          const segmenter = await (globalThis as any).nnunet.open();
          try {
            const [z, y, x] = scan.geometry.shape;
            const data = new Float32Array(scan.channels * z * y * x);
            await segmenter.segment({ ...scan, data });
          } catch (error) {
            return (error as Error).message;
          }
        }, scan);
      const { geometry } = smallScan({ shape: [400, 300, 300] });
      assert.match(
        `${await refused({ geometry, channels: 1 })}`,
        /^Cannot segment the scan in this page: a scan of 400 × 300 × 300 voxels needs about .*; \d+ of its 400 slices would fit/,
      );
      const scan = smallScan(small);
      const two = await refused({ geometry: scan.geometry, channels: 2 });
      assert.equal(two, 'Cannot predict "scan": the image has 2 channels, expected 1 (MRI)');
    });
  },
);

testInBrowser("a folder's page works under a strict content policy", async (page) => {
  const folder = await writeSmallModel(join(root, "folder"), small);
  const path = await exported({ models: [folder], asFolder: true });
  await exportHtml(path, { models: [folder], asFolder: true }); // Replaces its own.
  const scan = smallScan(small);
  const policy = {
    "Content-Security-Policy": "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'",
  };
  for (const place of ["http", "isolated"] as const) {
    await using server = servePage(path, place, policy);
    await page.goto(server.address);
    const { segmentation } = await segmentIn(page, scan);
    await assertAsPredictor(segmentation, folder, scan);
  }
});

Deno.test("exportHtml() refuses folders that are no pages, models of other data, and no models", async () => {
  const folder = await writeSmallModel(join(root, "refused"), small);
  const other = await writeSmallModel(join(root, "other"), { ...small, channels: ["CT"] });
  await assert.rejects(exportHtml(folder, { models: [folder], asFolder: true }), {
    message:
      `Cannot export a page: ${folder} exists and is no exported page; choose another folder`,
  });
  const foreign = join(root, "foreign");
  await Deno.writeTextFile(foreign, "a model");
  await assert.rejects(exportHtml(foreign, { models: [folder] }), {
    message: `Cannot export a page: ${foreign} exists and is no exported page; choose another ` +
      "file, with a name that ends in .html",
  });
  assert.equal(await Deno.readTextFile(foreign), "a model");
  const path = join(root, "refused.html");
  for (let run = 0; run < 2; run++) await exportHtml(path, { models: [folder] });
  await assert.rejects(exportHtml(path, { models: [] }), RangeError);
  await assert.rejects(exportHtml(path, { models: [folder, other] }), {
    name: "TypeError",
    message:
      `Cannot export a page: ${other} has other labels or channels than ${folder}, expected ` +
      "models of one data set",
  });
});

Deno.test("exportHtml() puts names into the page as text", async () => {
  const labels = { background: 0, "</script><script>alert(1)</script>": 1, "<!--": 2 };
  const folder = await writeSmallModel(join(root, "names"), { ...small, labels });
  const path = await exported({ models: [folder] });
  const text = await Deno.readTextFile(path);
  assert.equal(text.includes("<script>alert"), false);
  const [, json] = /id="nnunet-manifest">([^]*?)<\/script>/.exec(text)!;
  assert.deepEqual(
    JSON.parse(json).facts.classes.map(({ name }: { name: string }) => name),
    Object.keys(labels).slice(1),
  );
});

Deno.test("the scripts of pages take at most 3 MB", async () => {
  const folder = await pageParts();
  const sizes = await Promise.all(
    ["page.js", "workers.js", "onnxruntime_threads.mjs"].map(async (name) =>
      (await Deno.stat(join(folder, name))).size
    ),
  );
  const total = sizes.reduce((sum, size) => sum + size);
  assert.ok(total <= 3e6, `they take ${total} bytes`);
});

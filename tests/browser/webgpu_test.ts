/** Tests pages with WebGPU, for which the browser's software renderer stands in. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import type { Page } from "playwright-core";
import { exportHtml } from "../../lib/browser/export_html.ts";
import type { PageSegmenterOptions } from "../../lib/browser/page_segmenter.ts";
import type { PageDevice } from "../../lib/browser/segmenter.ts";
import { Predictor } from "../../lib/predictor.ts";
import { testInBrowser, webgpuArguments } from "./browser.ts";
import { segmentIn, withModelPage } from "./model_page.ts";
import { modelsFolder, type SmallModel, smallScan, writeSmallModel } from "./small_models.ts";

const root = modelsFolder();
const small: SmallModel = { configuration: "3d_fullres" };

/** Opens the page's model. @param options Where its networks run. */
async function deviceOf(
  page: Page,
  options: Pick<PageSegmenterOptions, "device" | "acceptsSoftware"> = {},
): Promise<PageDevice> {
  return await page.evaluate(async (options) => {
    // deno-lint-ignore no-explicit-any -- the page's own global
    const segmenter = await (globalThis as any).nnunet.open(options);
    return await segmenter.device();
  }, options);
}

testInBrowser(
  "a page compares WebGPU with the processor, and takes the faster one",
  async (page) => {
    const model = await writeSmallModel(join(root, "compared"), small);
    const path = join(root, "..", "compared.html");
    await exportHtml(path, { models: [model] });
    await withModelPage(page, path, "file", async () => {
      const { device, why } = await deviceOf(page, { acceptsSoftware: true });
      const times = /takes (\d+) ms, on .* (\d+) ms, with the same labels\.$/.exec(why);
      assert.ok(times, why);
      const [taken, other] = times.slice(1).map(Number);
      assert.ok(taken <= other, why);
      assert.ok(["cpu", "webgpu"].includes(device));
    });
  },
  webgpuArguments,
);

testInBrowser("a page segments with WebGPU as Predictor does", async (page) => {
  const model = await writeSmallModel(join(root, "with_webgpu"), small);
  const path = join(root, "..", "with_webgpu.html");
  await exportHtml(path, { models: [model] });
  const scan = smallScan(small);
  await withModelPage(page, path, "file", async () => {
    assert.equal((await deviceOf(page, { device: "webgpu" })).device, "webgpu");
    const { segmentation } = await segmentIn(page, scan);
    using predictor = await Predictor.open(model, { threads: 1, device: "cpu" });
    const expected = await predictor.predict(scan);
    const differing = Array.from(expected.data)
      .filter((label, voxel) => label !== segmentation.data[voxel]).length;
    assert.ok(new Set(expected.data).size > 1);
    // Classes of random weights tie at some voxels.
    assert.ok(differing <= 10, `${differing} voxels differ`);
  });
}, webgpuArguments);

testInBrowser("a page does not wait for a renderer in software", async (page) => {
  const model = await writeSmallModel(join(root, "software"), small);
  const path = join(root, "..", "software.html");
  await exportHtml(path, { models: [model] });
  await withModelPage(page, path, "file", async () => {
    assert.deepEqual(await deviceOf(page), {
      device: "cpu",
      why: "Networks run on the processor: WebGPU has a renderer in software only.",
    });
  });
}, webgpuArguments);

testInBrowser("a page without a graphics processor says so", async (page) => {
  const model = await writeSmallModel(join(root, "without"), small);
  const path = join(root, "..", "without.html");
  await exportHtml(path, { models: [model] });
  await page.addInitScript(() => {
    Object.defineProperty(Navigator.prototype, "gpu", { value: undefined });
  });
  await withModelPage(page, path, "file", async () => {
    assert.deepEqual(await deviceOf(page), {
      device: "cpu",
      why: "Networks run on the processor: this browser has no WebGPU.",
    });
  });
});

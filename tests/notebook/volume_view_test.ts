import assert from "node:assert/strict";
import type { Image, Segmentation } from "../../lib/image/image.ts";
import { volumeView } from "../../lib/notebook/volume_view.ts";
import {
  assertChangesLook,
  keepScreenshot,
  lookOf,
  moveSlider,
  showHtml,
  testInBrowser,
} from "../browser/browser.ts";
import { fill, geometry, size } from "./small_volume.ts";

const ball = (z: number, y: number, x: number, radius: number) =>
  Math.hypot(2 * (z - 12), y - 16, x - 10) < radius;
const image: Image = {
  geometry,
  channels: 1,
  data: fill(new Float32Array(size), (z, y, x) => 100 * z + 10 * y + x),
};
const truth: Segmentation = {
  geometry,
  data: fill(new Uint8Array(size), (z, y, x) => ball(z, y, x, 5) ? 2 : ball(z, y, x, 8) ? 1 : 0),
};
const prediction: Segmentation = {
  geometry,
  data: fill(new Uint8Array(size), (z, y, x) => ball(z, y, x, 4) ? 2 : ball(z, y, x, 9) ? 1 : 0),
};
const classNames = ["shell", "core"];

testInBrowser("volumeView() shows the slices that its sliders select", async (page) => {
  const { html } = await volumeView({ image, truth, prediction, classNames, title: "Ball" });
  await showHtml(page, html!);
  const [axial, coronal] = [page.locator("canvas").nth(0), page.locator("canvas").nth(1)];
  const value = page.locator(".value");
  await page.locator("canvas[data-painted]").first().waitFor();
  await keepScreenshot(page, "volume_view");

  const before = await lookOf(coronal);
  const slider = page.getByLabel("axial position");
  await assertChangesLook(axial, async () => {
    await moveSlider(slider, 3);
    await page.locator("canvas[data-painted='axial 3']").waitFor();
  });
  assert.notEqual(await lookOf(coronal), before, "The other planes should show the moved cursor");
  assert.match(await value.textContent() ?? "", /\(z, y, x\) = \(3, 1[56], \d+\)/);
  assert.match(await page.locator(".caption").first().textContent() ?? "", /4 \/ 24/);

  // Pixels match the volume, in which y, and so brightness, rises towards the front.
  await page.getByRole("button", { name: "Image" }).click();
  await page.waitForTimeout(50);
  const greys = await axial.evaluate((canvas: unknown) => {
    const { width, height, getContext } = canvas as {
      width: number;
      height: number;
      getContext(kind: string): { getImageData(...box: number[]): { data: Uint8ClampedArray } };
    };
    const context = getContext.call(canvas, "2d");
    const at = (y: number) => context.getImageData(width >> 2, y * height | 0, 1, 1).data[0];
    return [at(0.1), at(0.9)];
  });
  assert(greys[0] > greys[1], `Anterior, with the larger y, is up: ${greys}`);
});

testInBrowser("volumeView() changes layer, opacity, window and classes", async (page) => {
  const { html } = await volumeView({ image, truth, prediction, classNames });
  await showHtml(page, html!);
  const axial = page.locator("canvas").first();
  await page.locator("canvas[data-painted]").first().waitFor();
  const settled = () => page.waitForTimeout(60);
  for (const name of ["Ground truth", "Errors", "Image", "Prediction"]) {
    await assertChangesLook(axial, async () => {
      await page.getByRole("button", { name }).click();
      await settled();
    });
  }
  const high = await page.getByLabel("level").getAttribute("max");
  for (const [slider, value] of [["overlay", 0.9], ["level", Number(high)]] as const) {
    await assertChangesLook(axial, async () => {
      await moveSlider(page.getByLabel(slider), value);
      await settled();
    });
  }
  await assertChangesLook(axial, async () => {
    await page.locator(".legend label", { hasText: "shell" }).click();
    await settled();
  });
  const legend = await page.locator(".legend").first().textContent() ?? "";
  assert.match(legend, /shell.*Dice 0\.\d{3}.*core.*Dice 0\.\d{3}/);
});

testInBrowser("volumeView() shows the legend of what it draws, and moves nothing", async (page) => {
  const { html } = await volumeView({ image, truth, prediction, classNames });
  await showHtml(page, `${html}<p>below</p>`);
  await page.locator("canvas[data-painted]").first().waitFor();
  const place = await page.getByText("below").boundingBox();
  const shown = () => page.locator(".legend:visible").allTextContents();
  assert.match((await shown()).join(), /^shell.*core/);
  await page.getByRole("button", { name: "Errors" }).click();
  assert.deepEqual(await shown(), ["Errors:missedaddedwrong class"]);
  assert.equal(await page.getByLabel("shell").isVisible(), false);
  await keepScreenshot(page, "volume_errors");
  await page.getByRole("button", { name: "Prediction" }).click();
  assert.match((await shown()).join(), /^shell.*core/);
  assert.deepEqual(await page.getByText("below").boundingBox(), place);
});

Deno.test("volumeView() stays below a megabyte for 128³ voxels of noise", async () => {
  const shape = [128, 128, 128] as const;
  const size = shape[0] ** 3;
  let state = 1;
  const noise = () => (state = state * 48271 % 2147483647) / 2147483647;
  const output = await volumeView({
    image: {
      geometry: { ...geometry, shape, spacing: [1, 1, 1] },
      channels: 1,
      data: new Float32Array(size).map(noise),
    },
    truth: {
      geometry: { ...geometry, shape, spacing: [1, 1, 1] },
      data: new Uint8Array(size).map((_, i) => i >> 10 & 1),
    },
  });
  assert(JSON.stringify(output.bundle).length < 1e6);
});

Deno.test("volumeView() falls back to a picture if scripts are blocked", async () => {
  const { html, text } = await volumeView({ image, truth, classNames, title: "Ball" });
  assert.match(html!, /<img alt="Ball: 24 × 32 × 20 voxels[^>]*src="data:image\/png;base64,/);
  assert.equal(text, "Ball: 24 × 32 × 20 voxels of 2 × 1 × 1 mm; shell, core");
});

Deno.test("volumeView() rejects label maps of another shape and missing channels", async () => {
  const other: Segmentation = {
    geometry: { ...geometry, shape: [1, 2, 3] },
    data: new Uint8Array(6),
  };
  await assert.rejects(volumeView({ image, truth: other }), /labels has shape .* \[1,2,3\]/);
  await assert.rejects(volumeView({ image, channel: 1 }), /channel is 1, expected 0 to 0/);
});

/** Tests how outputs first appear in front ends that tests cannot run, and in exported pages. */

import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { keepScreenshot, testInBrowser } from "../browser/browser.ts";
import { assertNothingMoved, watchShifts } from "../browser/layout_shift.ts";
import { assertAccessible } from "../kernels/jupyter/axe.ts";
import { showAsClassic, showAsGitHub, showAsVsCode } from "./front_ends.ts";
import { sampleOutputs } from "./sample_outputs.ts";

/** The HTML of all outputs, as front ends without Plotly get it. */
async function htmlOfAll(): Promise<Record<keyof typeof sampleOutputs, string>> {
  const made = await Promise.all(
    Object.entries(sampleOutputs).map(async ([name, make]) =>
      [name, (await make()).bundle["text/html"]] as const
    ),
  );
  return Object.fromEntries(made) as Record<keyof typeof sampleOutputs, string>;
}

const html = await htmlOfAll();
const everything = Object.values(html).join("<hr>");

async function assertDrawn(page: Page) {
  await page.locator("canvas[data-painted]").first().waitFor();
  await page.locator("[data-ready]").first().waitFor({ timeout: 120_000 });
  assert.equal(await page.locator("svg[role=img]").count(), 3);
}

/** Asserts that the page does not scroll sideways, and that every drawing is inside it. */
async function assertFits(page: Page) {
  const { width } = page.viewportSize()!;
  assert.ok((await page.evaluate("document.documentElement.scrollWidth") as number) <= width);
  for (const drawing of await page.locator("img:visible, svg:visible, canvas:visible").all()) {
    const box = (await drawing.boundingBox())!;
    assert.ok(box.x >= 0 && box.x + box.width <= width, `${box.x} + ${box.width} in ${width}`);
  }
}

for (
  const [name, show] of Object.entries({
    "VS Code": (page: Page) => showAsVsCode(page, everything, "dark"),
    "the classic Notebook": (page: Page) => showAsClassic(page, everything),
  })
) {
  testInBrowser(`outputs fit ${name} at once, and nothing moves`, async (page) => {
    await watchShifts(page);
    for (const width of [1000, 420]) {
      await page.setViewportSize({ width, height: 5000 });
      await page.goto("about:blank");
      await show(page);
      const below = page.getByText("What stands below the output.");
      const place = await below.boundingBox();
      await assertDrawn(page);
      await assertFits(page);
      assert.deepEqual(await below.boundingBox(), place);
      await assertNothingMoved(page);
      await keepScreenshot(page, `as_${name.replaceAll(" ", "_").toLowerCase()}_${width}`);
    }
  });
}

testInBrowser(
  "GitHub keeps pictures, tables and all slides, with nothing cut off",
  async (page) => {
    await showAsGitHub(page, everything);
    const pictures = page.locator("img");
    assert.equal(await pictures.count(), 7);
    for (const picture of await pictures.all()) {
      assert.ok(await picture.getAttribute("alt"));
      assert.ok(
        await picture.evaluate((image) => (image as unknown as { complete: boolean }).complete),
      );
    }
    assert.equal(await page.getByText(/^memory \d+ GB$/).count(), 3);
    const text = await page.locator("#output").innerText();
    assert.doesNotMatch(text, /function|viewBox|font-family/);
    await keepScreenshot(page, "as_github");
  },
);

testInBrowser("axe-core finds nothing to object to in outputs, light and dark", async (page) => {
  for (const width of [1000, 420]) {
    await page.setViewportSize({ width, height: 900 });
    for (const scheme of ["light", "dark"] as const) {
      await showAsVsCode(page, everything, scheme);
      await assertDrawn(page);
      await assertAccessible(page, { within: "#output", schemes: [scheme] });
    }
    // The error colours have a legend of their own.
    await page.getByRole("button", { name: "Errors" }).click();
    await assertAccessible(page, { within: "#output", schemes: ["dark"] });
  }
});

testInBrowser("texts of charts have the colour of the texts around them", async (page) => {
  for (const scheme of ["light", "dark"] as const) {
    await showAsVsCode(page, html.lines, scheme);
    const colors = await page.evaluate(`[...document.querySelectorAll("svg text")].map((text) =>
      getComputedStyle(text).fill)`) as string[];
    assert.ok(colors.length > 10);
    assert.deepEqual([...new Set(colors)], [
      scheme === "dark" ? "rgb(204, 204, 204)" : "rgb(59, 59, 59)",
    ]);
    await keepScreenshot(page, `chart_${scheme}`);
  }
});

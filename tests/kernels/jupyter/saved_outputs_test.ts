/** Tests how saved outputs appear: in exported pages, and in a notebook that is not trusted. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import type { Page } from "playwright-core";
import { ensureJupyter } from "../../../kernels/jupyter/server.ts";
import { keepScreenshot, openFile, withPage } from "../../browser/browser.ts";
import { assertNothingMoved, watchShifts } from "../../browser/layout_shift.ts";
import { sampleOutputs } from "../../notebook/sample_outputs.ts";
import { testInLab, withLab } from "./lab_page.ts";
import { code, display, notebookOf } from "./sample_notebooks.ts";

/** A notebook with every kind of output, as Jupyter saves it. */
async function savedNotebook() {
  const cells = [];
  for (const [name, make] of Object.entries(sampleOutputs)) {
    cells.push(code(name, [display((await make()).bundle)]));
  }
  return notebookOf(...cells);
}

/** Asserts that pictures and drawings are inside the page, which does not scroll sideways. */
async function assertFits(page: Page, within = "body") {
  const { width } = page.viewportSize()!;
  assert.ok((await page.evaluate("document.documentElement.scrollWidth") as number) <= width);
  const drawings = page.locator(within).locator("img:visible, canvas:visible, .main-svg:visible");
  assert.ok(await drawings.count() > 4);
  for (const drawing of await drawings.all()) {
    const box = (await drawing.boundingBox())!;
    assert.ok(box.x >= 0 && box.x + box.width <= width, `${box.x} + ${box.width} in ${width}`);
  }
}

testInLab("nbconvert's pages show outputs at once, live and inside the page", async () => {
  const root = await Deno.makeTempDir();
  try {
    const saved = join(root, "saved.ipynb");
    await Deno.writeTextFile(saved, JSON.stringify(await savedNotebook()));
    for (const theme of ["light", "dark"]) {
      const { success, stderr } = await new Deno.Command(await ensureJupyter(), {
        args: ["-m", "nbconvert", "--to", "html", "--theme", theme, "--output", theme, saved],
      }).output();
      assert.ok(success, new TextDecoder().decode(stderr));
      await withPage(async (page) => {
        await page.route(/^https?:/, (route) => route.abort()); // Its fonts and formulas.
        await watchShifts(page);
        for (const width of [1280, 400]) {
          await page.setViewportSize({ width, height: 5000 });
          await openFile(page, join(root, `${theme}.html`));
          await page.locator("canvas[data-painted]").first().waitFor();
          await page.locator("[data-ready]").first().waitFor({ timeout: 120_000 });
          await assertFits(page);
          await assertNothingMoved(page);
          await keepScreenshot(page, `nbconvert_${theme}_${width}`);
        }
      });
    }
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

testInLab("JupyterLab shows still pictures and all slides of a notebook not trusted", async () => {
  const root = await Deno.makeTempDir();
  try {
    const { cells } = await savedNotebook();
    await withLab(root, { saved: cells as ReturnType<typeof code>[] }, async (open) => {
      const { page, output } = await open("saved");
      const names = Object.keys(sampleOutputs);
      const outputOf = (name: keyof typeof sampleOutputs) => output(names.indexOf(name));
      await page.setViewportSize({ width: 1280, height: 6000 });
      await outputOf("lines").locator(".main-svg").first().waitFor();
      await outputOf("network").locator("img").waitFor();
      for (const name of ["lines", "bars", "curves"] as const) {
        const drawing = outputOf(name).locator(".main-svg").first();
        await drawing.waitFor();
        assert.ok((await drawing.boundingBox())!.height > 300, name);
      }
      for (const name of ["volume", "surface", "heat", "network"] as const) {
        assert.ok(await outputOf(name).locator("img:visible").getAttribute("alt"), name);
      }
      assert.equal(await page.locator("canvas[data-painted], [data-ready]").count(), 0);
      assert.equal(await outputOf("slides").getByText(/^memory \d+ GB$/).count(), 3);
      await assertFits(page, ".jp-Notebook");
      await keepScreenshot(page, "lab_untrusted");
      await page.keyboard.press("Control+b"); // Hides the list of files.
      await page.setViewportSize({ width: 420, height: 6000 });
      await page.waitForTimeout(500);
      await assertFits(page, ".jp-Notebook");
      await keepScreenshot(page, "lab_untrusted_phone");
    });
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

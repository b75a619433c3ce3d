/** Tests how JupyterLab shows figures before anyone touches them. */

import assert from "node:assert/strict";
import type { Locator } from "playwright-core";
import { keepScreenshot } from "../../browser/browser.ts";
import { type LabNotebook, testInLab, withLab } from "./lab_page.ts";

const figures = [
  `import { chart, lineFigure, show } from "nnunet/notebook";
const epochs = Array.from({ length: 20 }, (_, i) => i);
const names = ["background", "hippocampus", "amygdala", "cerebellum", "ventricle"];
const series = names.map((name, k) => ({ name, x: epochs, y: epochs.map((i) => (i + k) / 25) }));
await chart(lineFigure(series, { title: "Dice of each class", x: "epoch", y: "Dice" }), {
  title: "Dice",
});`,
  `import { LiveCurves } from "nnunet/notebook";
const curves = new LiveCurves();
const values = [0.1, 0.4, 0.5];
curves.update({
  trainLosses: values, valLosses: values, meanForegroundDice: values, emaForegroundDice: values,
  dicePerClass: values.map((value) => [value]), learningRates: values,
  epochStart: [0, 1, 2], epochEnd: [1, 2, 3],
});
await curves.flush();`,
];

testInLab("figures fit JupyterLab's cells at once, and hovering moves nothing", async () => {
  const root = await Deno.makeTempDir();
  try {
    await withLab(root, { figures }, async (open) => {
      const notebook = await open("figures");
      await notebook.choose("Run", "Run All Cells");
      for (const cell of [0, 1]) await assertFits(notebook, cell);
      await keepScreenshot(notebook.page, "lab_figures");
      for (const cell of [0, 1]) {
        const figure = notebook.output(cell).first();
        const before = await boxOf(figure);
        await figure.hover();
        assert.deepEqual(await boxOf(figure), before);
      }
      for (const theme of ["Dark", "Light"]) {
        await chooseTheme(notebook, theme);
        for (const cell of [0, 1]) {
          await assertFits(notebook, cell);
          await assertInPageColor(notebook, cell);
        }
        await keepScreenshot(notebook.page, `lab_figures_${theme.toLowerCase()}`);
      }
      await notebook.page.keyboard.press("Control+b"); // Hides the list of files.
      await notebook.page.setViewportSize({ width: 420, height: 900 });
      for (const cell of [0, 1]) await assertFits(notebook, cell);
      await keepScreenshot(notebook.page, "lab_figures_phone");
    });
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

/** Asserts that a figure is drawn, and inside its cell. */
async function assertFits({ output, page }: LabNotebook, cell: number) {
  const area = output(cell).first();
  await area.locator(".main-svg").first().waitFor();
  await page.waitForFunction(
    ([area, svg]) =>
      svg!.getBoundingClientRect().right <= area!.getBoundingClientRect().right + 1 &&
      svg!.getBoundingClientRect().width > 100 &&
      svg!.getBoundingClientRect().height > 300,
    await Promise.all([area.elementHandle(), area.locator(".main-svg").first().elementHandle()]),
  );
  assert.equal(await area.locator("img.plot-img:visible").count(), 0);
}

async function chooseTheme({ page }: LabNotebook, theme: string) {
  await page.locator(".lm-MenuBar-item").getByText("Settings", { exact: true }).click();
  await page.locator(".lm-Menu-item").getByText("Theme", { exact: true }).hover();
  await page.locator(".lm-Menu-item").getByText(`JupyterLab ${theme}`, { exact: true }).click();
  await page.locator(`body[data-jp-theme-light=${theme === "Light"}]`)
    .waitFor({ state: "attached" });
}

/** Asserts that a figure's texts have the colour of JupyterLab's texts in its present theme. */
async function assertInPageColor({ output, page }: LabNotebook, cell: number) {
  const texts = output(cell).first().locator(".xtick tspan, .xtitle tspan, .legendtext tspan");
  const colors = await texts.evaluateAll((found) => {
    const { getComputedStyle } = globalThis as unknown as {
      getComputedStyle(element: unknown): { readonly fill: string };
    };
    return found.map((text) => getComputedStyle(text).fill);
  });
  const expected = await page.evaluate(`(() => {
    const probe = document.body.appendChild(document.createElement("p"));
    probe.style.color = "var(--jp-content-font-color1)";
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  })()`);
  assert.ok(colors.length > 6, `${colors.length} texts`);
  assert.deepEqual([...new Set(colors)], [expected]);
}

async function boxOf(element: Locator) {
  const box = await element.boundingBox();
  assert.ok(box);
  return [box.width, box.height].map(Math.round);
}

/** Tests that keys pressed in an output's widget do not reach JupyterLab. */

import assert from "node:assert/strict";
import type { Locator } from "playwright-core";
import { keepScreenshot } from "../../browser/browser.ts";
import { type LabNotebook, testInLab, withLab } from "./lab_page.ts";

const widgets =
  `import { Output, show, slides, surfaceView, table, volumeView } from "nnunet/notebook";
const geometry = {
  shape: [12, 16, 20], spacing: [1, 1, 1], affine: [1,0,0,0, 0,1,0,0, 0,0,1,0, 0,0,0,1],
};
const data = Float32Array.from({ length: 12 * 16 * 20 }, (_, i) => i);
const truth = { geometry, data: Uint8Array.from(data, (value) => value > 2000 ? 1 : 0) };
const volume = await volumeView({ image: { geometry, channels: 1, data }, truth });
await show(volume);
await show(slides("size", [1, 2, 3].map((i) => ({ label: \`\${i}\`, content: table(["a"], [[i]]) }))));
await show(await surfaceView(truth, { classNames: ["half"] }));
const page = volume.html.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
await show(new Output({
  title: "Frame",
  text: "Frame",
  html: \`<iframe title="frame" style="width:100%;height:700px" srcdoc="\${page}"></iframe>\`,
}));`;

/** Keys that JupyterLab would act on: they select, insert, delete, cut, convert and run cells. */
const keys = [
  "ArrowDown",
  "ArrowUp",
  "a",
  "b",
  "d",
  "d",
  "x",
  "m",
  "j",
  "k",
  "1",
  "Enter",
  "Escape",
];

testInLab("keys in an output's widgets move only the widgets in JupyterLab", async () => {
  const root = await Deno.makeTempDir();
  try {
    await withLab(root, { keys: ["1 + 1", widgets, "2 + 2"] }, async (open) => {
      const notebook = await open("keys");
      await notebook.run(1);
      const cell = notebook.page.locator(".jp-Notebook .jp-CodeCell").nth(1);
      await cell.locator("[data-ready]").waitFor({ timeout: 120_000 }); // 3D without a GPU.
      const frame = notebook.page.frameLocator("iframe[title=frame]");
      const sliders = {
        "a plane's slider": cell.getByLabel("axial position"),
        "a plane": cell.getByRole("slider", { name: "coronal slice" }),
        "a tool": cell.getByLabel("overlay"),
        "slides": cell.getByLabel("size"),
        "a plane in a frame": frame.getByLabel("axial position"),
      };
      for (const [name, slider] of Object.entries(sliders)) {
        const before = await valueOf(slider);
        await slider.click();
        const [clicked, state] = [await valueOf(slider), await stateOf(notebook)];
        await slider.press("ArrowLeft");
        await slider.press("ArrowLeft");
        const moved = await valueOf(slider);
        assert.ok(moved < Math.max(before, clicked), `${name}: ${before}, ${clicked}, ${moved}`);
        await slider.press("ArrowRight");
        assert.ok(await valueOf(slider) > moved, name);
        for (const key of keys) await slider.press(key);
        assert.deepEqual(await stateOf(notebook), state, name);
      }
      const view = cell.getByRole("application", { name: "Labels in 3D" });
      await view.click();
      const state = await stateOf(notebook);
      for (const key of ["ArrowLeft", "v", ...keys]) await view.press(key);
      assert.deepEqual(await stateOf(notebook), state);
      for (const label of ["half", "class 1"]) await cell.getByLabel(label).first().press("b");
      assert.deepEqual(await stateOf(notebook), state);
      await keepScreenshot(notebook.page, "lab_keys");

      // The same keys work as ever once the widget is left.
      await notebook.prompt(1).click();
      await notebook.page.keyboard.press("b");
      await notebook.page.locator(".jp-Notebook .jp-CodeCell").nth(3).waitFor();
    });
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

async function valueOf(slider: Locator): Promise<number> {
  return Number(
    await slider.evaluate((element: unknown) => {
      const { value, getAttribute } = element as {
        value?: string;
        getAttribute(name: string): string | null;
      };
      return value ?? getAttribute.call(element, "aria-valuenow");
    }),
  );
}

/** The notebook's cells by kind, the selected one, and whether a cell is edited. */
async function stateOf({ page }: LabNotebook) {
  return await page.evaluate(`(() => {
    const cells = [...document.querySelectorAll(".jp-Notebook .jp-Cell")];
    return {
      cells: cells.map(({ className }) => className.match(/jp-(\\w+)Cell/)[1]),
      prompts: cells.map((cell) => cell.querySelector(".jp-InputArea-prompt").textContent),
      active: cells.findIndex((cell) => cell.classList.contains("jp-mod-active")),
      edited: document.querySelector(".jp-Notebook").classList.contains("jp-mod-editMode"),
    };
  })()`) as { cells: string[]; prompts: string[]; active: number; edited: boolean };
}

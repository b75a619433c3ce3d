/** Tests how outputs appear in the classic Notebook, and that it does not act on their keys. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import { JupyterServer } from "../../../kernels/jupyter/server.ts";
import { kernelName } from "../../../kernels/kernelspec.ts";
import { hasPythonEnvironment } from "../../../kernels/python_environment.ts";
import { browserMissing, hasBrowser, keepScreenshot, withPage } from "../../browser/browser.ts";
import { classicEnvironment, ensureClassic } from "./classic_environment.ts";
import { code, notebookOf } from "./sample_notebooks.ts";

const installed = await hasPythonEnvironment(...classicEnvironment);
const missing = installed
  ? hasBrowser ? "" : browserMissing
  : " (skipped: run deno task test:classic)";

const cells = [
  `import { chart, lineFigure, show, slides, table } from "nnunet/notebook";
await chart(
  lineFigure([{ name: "y", x: [1, 2], y: [3, 4] }], { title: "Line", x: "epoch", y: "y" }),
  { title: "Line" },
);`,
  `const geometry = {
  shape: [12, 16, 20], spacing: [1, 1, 1], affine: [1,0,0,0, 0,1,0,0, 0,0,1,0, 0,0,0,1],
};
const data = Float32Array.from({ length: 12 * 16 * 20 }, (_, i) => i);
const labels = Uint8Array.from(data, (value) => value > 2000 ? 1 : 0);
await show({ geometry, channels: 1, data }, { overlay: { geometry, data: labels } });`,
  `slides("size", [1, 2].map((i) => ({ label: \`\${i}\`, content: table(["a"], [[i]]) })));`,
];

Deno.test({
  name: `the classic Notebook shows outputs inside their cells, and leaves keys to them${missing}`,
  ignore: missing !== "",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    const root = await Deno.makeTempDir();
    try {
      const notebook = {
        ...notebookOf(...cells.map((cell) => code(cell))),
        metadata: { kernelspec: { name: kernelName, display_name: "", language: "typescript" } },
      };
      await Deno.writeTextFile(join(root, "classic.ipynb"), JSON.stringify(notebook));
      await using server = await JupyterServer.start({ root, python: await ensureClassic() });
      await withPage(async (page) => {
        const token = `token=${server.token}`;
        await page.goto(`${server.url}notebooks/classic.ipynb?${token}`);
        page.setDefaultTimeout(120_000);
        await page.waitForFunction("globalThis.Jupyter?.notebook?.kernel?.is_connected()")
          .catch(async (error) => {
            await keepScreenshot(page, "classic_failure");
            throw error;
          });
        await page.evaluate("void Jupyter.notebook.execute_all_cells()");
        const cell = (i: number) => page.locator(".code_cell").nth(i);
        await cell(2).getByLabel("size").waitFor();
        await cell(1).locator("canvas[data-painted]").first().waitFor();
        assert.equal(await cell(0).locator("svg[role=img]").getAttribute("aria-label"), "Line");
        const width = (await cell(0).boundingBox())!.width;
        for (const drawing of await page.locator("svg[role=img], canvas:visible").all()) {
          assert.ok((await drawing.boundingBox())!.width <= width);
        }
        await keepScreenshot(page, "classic");

        const slider = cell(1).getByLabel("axial position");
        await slider.click();
        const before = await slider.inputValue();
        for (const key of ["ArrowLeft", "a", "b", "d", "d", "m", "x", "Enter", "Escape"]) {
          await slider.press(key);
        }
        assert.equal(await slider.inputValue(), `${Number(before) - 1}`);
        assert.deepEqual(
          await page.evaluate("Jupyter.notebook.get_cells().map((cell) => cell.cell_type)"),
          ["code", "code", "code"],
        );
      });
    } finally {
      await Deno.remove(root, { recursive: true });
    }
  },
});

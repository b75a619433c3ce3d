/** What this library shows, in JupyterLab. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import { JupyterServer } from "../../jupyter/server.ts";
import { kernelName } from "../../kernels/kernelspec.ts";
import {
  assertChangesLook,
  browserMissing,
  hasBrowser,
  keepScreenshot,
  moveSlider,
  withPage,
} from "../browser/browser.ts";
import { testWithJupyter } from "../jupyter/jupyter_here.ts";
import { code, notebookOf } from "../jupyter/sample_notebooks.ts";

const cells = [
  `import { show, LiveProgress, slides, table } from "nnunet/notebook";
   const geometry = {
     shape: [12, 16, 20], spacing: [1, 1, 1], affine: [1,0,0,0, 0,1,0,0, 0,0,1,0, 0,0,0,1],
   };
   const data = Float32Array.from({ length: 12 * 16 * 20 }, (_, i) => i);
   const labels = Uint8Array.from(data, (value) => value > 2000 ? 1 : 0);
   const bar = new LiveProgress("reading");
   for (let i = 1; i <= 100; i++) bar.count(i, 100);
   await bar.flush();
   await show({ geometry, channels: 1, data }, { overlay: { geometry, data: labels } });`,
  `slides("size", [1, 2].map((i) => ({ label: String(i), content: table(["a"], [[i]]) })));`,
];

testWithJupyter(
  "volumes, slides and progress live in JupyterLab" + (hasBrowser ? "" : browserMissing),
  async () => {
    if (!hasBrowser) return;
    const root = await Deno.makeTempDir();
    const notebook = {
      ...notebookOf(...cells.map((source) => code(source))),
      metadata: { kernelspec: { name: kernelName, display_name: "", language: "typescript" } },
    };
    await Deno.writeTextFile(join(root, "shown.ipynb"), JSON.stringify(notebook));
    try {
      await using server = await JupyterServer.start({ root, lab: true });
      await withPage(async (page) => {
        await page.goto(`${server.url}lab/tree/shown.ipynb?token=${server.token}`);
        const cell = (i: number) => page.locator(".jp-Notebook .jp-CodeCell").nth(i);
        const run = async (i: number) => {
          await cell(i).locator(".cm-content").click();
          await page.keyboard.press("Control+Enter");
        };
        await page.locator("#jp-main-statusbar").getByText("Deno (nnU-Net) | Idle").waitFor();
        await run(0);
        const canvas = cell(0).locator("canvas[data-painted]").first();
        await canvas.waitFor();
        assert.match(await cell(0).textContent() ?? "", /reading.*100 of 100/);
        await assertChangesLook(canvas, async () => {
          await moveSlider(page.getByLabel("axial position"), 3);
          await cell(0).locator("canvas[data-painted='axial 3']").waitFor();
        });
        await run(1);
        await cell(1).getByLabel("size").waitFor();
        await moveSlider(cell(1).getByLabel("size"), 1);
        assert.equal(await cell(1).locator("td:visible").textContent(), "2");
        await keepScreenshot(page, "lab_outputs");
      });
    } finally {
      await Deno.remove(root, { recursive: true });
    }
  },
);

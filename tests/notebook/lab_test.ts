/** Tests the outputs in JupyterLab. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import { JupyterServer } from "../../kernels/jupyter/server.ts";
import { kernelName } from "../../kernels/kernelspec.ts";
import {
  assertChangesLook,
  browserMissing,
  hasBrowser,
  keepScreenshot,
  moveSlider,
  withPage,
} from "../browser/browser.ts";
import { makeTinyPlans } from "../tiny_scans.ts";
import { testWithJupyter } from "../kernels/jupyter/jupyter_here.ts";
import { code, notebookOf } from "../kernels/jupyter/sample_notebooks.ts";

const cells = (root: string) => [
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
  `import { chart, lineFigure } from "nnunet/notebook";
   await chart(
     lineFigure([{ name: "y", x: [1, 2], y: [3, 4] }], { title: "Line", x: "x", y: "y" }),
     { title: "Line" },
   );`,
  `import { foldersIn, Plans, Trainer } from "nnunet";
   import { watch } from "nnunet/notebook";
   const plans = await Plans.open({ folders: foldersIn(${JSON.stringify(root)}), id: 1 });
   const trainer = new Trainer(plans, "3d_fullres", {
     epochs: 1000, iterations: 2, validationIterations: 1,
   });
   const { interrupted, log } = await watch(trainer);
   console.log("interrupted:", interrupted, "after", log.trainLosses.length);`,
];

testWithJupyter(
  "volumes, slides, figures and a training are live in JupyterLab, and the training stops and resumes" +
    (hasBrowser ? "" : browserMissing),
  async () => {
    if (!hasBrowser) return;
    const { root } = await makeTinyPlans();
    const notebook = {
      ...notebookOf(...cells(root).map((source) => code(source))),
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
        await run(2);
        const figure = cell(2).locator(".jp-RenderedPlotly");
        await figure.hover(); // It is a picture until the pointer is over it.
        await figure.locator(".scatterlayer").waitFor();
        await keepScreenshot(page, "lab_outputs");

        const epochs: number[] = [];
        for (let time = 0; time < 2; time++) {
          await run(3);
          const curves = cell(3).locator("img");
          await curves.waitFor();
          const first = await curves.getAttribute("src");
          await cell(3).locator(`img:not([src="${first}"])`).waitFor();
          await keepScreenshot(page, `lab_watch_${time}`);
          await page.locator("[data-command='notebook:interrupt-kernel']").click();
          const end = cell(3).locator(".jp-OutputArea-output").filter({ hasText: "interrupted:" });
          await end.waitFor();
          const [, count] = (await end.textContent())!.match(/interrupted: true after (\d+)/)!;
          epochs.push(Number(count));
          assert.match(await cell(3).textContent() ?? "", /stopped; run the cell again to resume/);
        }
        assert.ok(epochs[1] > epochs[0], `Resumed after ${epochs[0]} epochs and had ${epochs[1]}`);
      });
    } finally {
      await Deno.remove(root, { recursive: true });
    }
  },
);

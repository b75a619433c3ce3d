/** Tests training in JupyterLab in a browser: a growing curve, the stop button, and resuming. */

import assert from "node:assert/strict";
import { keepScreenshot } from "../../browser/browser.ts";
import { makeTinyPlans } from "../../tiny_scans.ts";
import { type LabNotebook, testInLab, withLab } from "./lab_page.ts";

const cells = (root: string) => [
  `import { foldersIn, Plans, renderCurves, Trainer } from "nnunet";
   import { interruptible } from "nnunet/notebook";
   const plans = await Plans.open({ folders: foldersIn(${JSON.stringify(root)}), id: 1 });
   const trainer = new Trainer(plans, "3d_fullres", {
     epochs: 1000, iterations: 2, validationIterations: 1,
   });
   console.log("ready");`,
  `async function show(log, update) {
     const png = (await renderCurves(log)).toBase64();
     const type = update ? "update_display_data" : "display_data";
     await Deno.jupyter.broadcast(type, {
       data: { "image/png": png }, metadata: {}, transient: { display_id: "curve" },
     });
   }
   for await (const { epoch, log } of trainer.fit({ signal: interruptible() })) {
     await show(log, epoch > 0);
   }`,
  `for await (const { epoch } of trainer.fit({ signal: interruptible(), resume: true })) {
     console.log("resumed at epoch", epoch);
     break;
   }`,
];

testInLab("a training cell in JupyterLab shows its curve, stops and resumes", async () => {
  const { root } = await makeTinyPlans();
  try {
    const sources = cells(root).map((source) => source.replace(/^ {3}/gm, ""));
    await withLab(root, { training: sources }, (open) => open("training").then(trainStopAndResume));
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

async function trainStopAndResume({ page, output, run }: LabNotebook) {
  await run(0);
  await output(0).filter({ hasText: "ready" }).waitFor();

  await run(1);
  const curve = output(1).locator("img");
  await curve.waitFor();
  const first = await curve.getAttribute("src");
  await output(1).locator(`img:not([src="${first}"])`).waitFor();
  await keepScreenshot(page, "lab_training");

  await page.locator("[data-command='notebook:interrupt-kernel']").click();
  await output(1).filter({ hasText: "Interrupted: The cell was stopped" }).waitFor();
  await keepScreenshot(page, "lab_interrupted");

  await run(2);
  const resumed = output(2).filter({ hasText: "resumed at epoch" });
  await resumed.waitFor();
  const epoch = Number((await resumed.textContent())!.match(/\d+/)![0]);
  assert.ok(epoch > 0, `Resumed at epoch ${epoch}`);
  await keepScreenshot(page, "lab_continued");
}

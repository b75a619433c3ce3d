/**
 * Tests JupyterLab in a browser: its start, and training with a growing curve, the stop button, and
 * resuming.
 */

import assert from "node:assert/strict";
import { join } from "@std/path";
import { fileURLToPath } from "node:url";
import { keepScreenshot, withPage } from "../../browser/browser.ts";
import { withTemporaryFolder } from "../../temporary_folder.ts";
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

testInLab(
  "deno task jupyter opens notebook 0, with our kernel first",
  () =>
    withTemporaryFolder(async (folder) => {
      using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      const { port } = listener.addr;
      listener.close();
      const token = crypto.randomUUID();
      const url = `http://127.0.0.1:${port}/`;
      // Other settings and kernels than those of the person who runs the test.
      const variables = ["CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR"].map((name) => `JUPYTER_${name}`);
      const labVariables = ["SETTINGS_DIR", "WORKSPACES_DIR"].map((name) => `JUPYTERLAB_${name}`);
      const jupyter = new Deno.Command(Deno.execPath(), {
        args: [
          ...["run", "-A", "--quiet", lab, "--", "--no-browser", `--ServerApp.port=${port}`],
          ...["--ServerApp.port_retries=0", `--IdentityProvider.token=${token}`],
          "--LabApp.extension_manager=readonly",
        ],
        env: Object.fromEntries([...variables, ...labVariables].map((name) => [
          name,
          join(folder, name),
        ])),
        stdout: "null",
        stderr: "null",
      }).spawn();
      try {
        await withPage(async (page) => {
          await page.goto(`${await answering(url)}?token=${token}`);
          await page.locator("#jp-main-statusbar").getByText("Deno (nnU-Net) | Idle").waitFor();
          await page.getByRole("heading", { name: "What is nnU-Net, and where do I begin?" })
            .waitFor();
          assert.match(page.url(), /notebooks\/00_start_here\.ipynb$/);
          assert.equal(await page.getByText("Jupyter news").count(), 0);
          await keepScreenshot(page, "lab_start");
          await page.keyboard.press("Control+Shift+L");
          const first = page.locator(".jp-LauncherCard").first();
          assert.equal(await first.getAttribute("title"), "Deno (nnU-Net)");
          await keepScreenshot(page, "lab_launcher");
        });
      } finally {
        const headers = { authorization: `token ${token}` };
        await fetch(`${url}api/shutdown`, { method: "POST", headers }).then((answer) =>
          answer.body?.cancel()
        );
        await jupyter.status;
      }
    }),
);

const lab = fileURLToPath(new URL("../../../kernels/jupyter/lab.ts", import.meta.url));

/** Waits until a server answers, and returns its address. */
async function answering(url: string): Promise<string> {
  for (let tries = 0;; tries++) {
    try {
      await fetch(`${url}api`).then((answer) => answer.body?.cancel());
      return url;
    } catch (error) {
      if (tries === 600) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

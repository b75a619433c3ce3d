/** Runs cells in the ordinary Deno kernel, as people have it who know nothing of this project. */

import assert from "node:assert/strict";
import { dirname, join } from "@std/path";
import { joined, type Output } from "../../kernels/jupyter/notebook_file.ts";
import { runNotebook } from "../../kernels/jupyter/run_notebook.ts";
import { JupyterServer } from "../../kernels/jupyter/server.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { writeTinyScans } from "../tiny_scans.ts";
import { code, notebookOf } from "./jupyter/sample_notebooks.ts";

/** Where a notebook imports the library from: paths, addresses or packages. */
export interface Specifiers {
  readonly nnunet: string;
  readonly notebook: string;
}

/**
 * Runs cells in the kernel "deno" that `deno jupyter --install` makes.
 *
 * @param folder The notebook's folder, to which the cells' relative paths belong.
 * @param cells The code of each cell.
 * @param variables Environment variables of the kernel, such as `JSR_URL` or `DENO_DIR`.
 * @returns The outputs of each cell.
 * @throws {Error} If a cell fails; the message has its error.
 */
export async function runInPlainKernel(
  folder: string,
  cells: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<readonly (readonly Output[])[]> {
  return await withTemporaryFolder(async (home) => {
    const data = await installPlainKernel(home);
    await using server = await JupyterServer.start({
      root: folder,
      variables: { ...variables, JUPYTER_DATA_DIR: data, JUPYTER_PATH: "" },
    });
    const cellsToRun = notebookOf(...cells.map((source) => code(source)));
    const { notebook, failure } = await runNotebook(server, "plain.ipynb", cellsToRun, {
      kernel: "deno",
    });
    if (failure) throw new Error(`Cell ${failure.cell} failed: ${failure.message}`);
    return notebook.cells.map((cell) => cell.cell_type === "code" ? cell.outputs : []);
  });
}

/** Installs the kernel for a user with this home. @returns Jupyter's data folder. */
async function installPlainKernel(home: string): Promise<string> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["jupyter", "--install"],
    env: { HOME: home, USERPROFILE: home, APPDATA: home, XDG_DATA_HOME: join(home, "share") },
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  const kernelspec = await findFile(home, "kernel.json");
  return dirname(dirname(dirname(kernelspec))); // DATA/kernels/deno/kernel.json
}

async function findFile(folder: string, name: string): Promise<string> {
  const folders = [folder];
  for (const folder of folders) {
    for await (const entry of Deno.readDir(folder)) {
      if (entry.name === name) return join(folder, name);
      if (entry.isDirectory) folders.push(join(folder, entry.name));
    }
  }
  throw new Error(`Cannot find ${name} in ${folder}`);
}

/**
 * Checks that the library works in an ordinary Deno kernel: from tiny scans in an empty folder, it
 * trains an epoch, predicts, and shows a volume and a chart.
 *
 * @param options.variables Environment variables of the kernel.
 * @param options.config A `deno.json` beside the notebook; none by default.
 */
export async function checkPlainKernel(
  { nnunet, notebook }: Specifiers,
  { variables = {}, config }: {
    readonly variables?: Readonly<Record<string, string>>;
    readonly config?: string;
  } = {},
): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    if (config !== undefined) await Deno.writeTextFile(join(folder, "deno.json"), config);
    await writeTinyScans(folder);
    const [, trained, volume, chart, predicted] = await runInPlainKernel(folder, [
      `import { Dataset, Planner, Predictor, readImage, Trainer } from ${JSON.stringify(nnunet)};
       import { chart, lineFigure, show } from ${JSON.stringify(notebook)};`,
      `const dataset = await Dataset.create({
         root: "nnunet", id: 1, name: "Tiny", images: "input", labels: "ground_truth",
         channels: ["MRI"], classes: ["shell", "ball"],
       });
       const plans = await new Planner({ gpuMemoryTarget: 0.05, baseFeatures: 4 }).plan(dataset);
       await plans.preprocess(dataset, { configurations: ["3d_fullres"], workers: 1 });
       const trainer = new Trainer(plans, "3d_fullres", {
         fold: 0, epochs: 1, iterations: 2, validationIterations: 1, device: "cpu",
       });
       const losses = [];
       for await (const { log } of trainer.fit()) losses.push(log.trainLosses.at(-1));
       console.log("epochs", losses.length, Number.isFinite(losses[0]));`,
      `const scan = await readImage(["input/c0.nii.gz"]);
       await show(scan);`,
      `const loss = { name: "loss", x: [1, 2], y: [losses[0], losses[0] / 2] };
       await chart(lineFigure([loss], { title: "Loss", x: "epoch", y: "loss" }), { title: "Loss" })`,
      `const predictor = await Predictor.open(trainer.folder);
       const { data } = await predictor.predict(scan);
       predictor[Symbol.dispose]();
       console.log("voxels", data.length);`,
    ], variables);
    assert.match(textOf(trained), /epochs 1 true/);
    assert.match(String(bundleOf(volume)["text/html"]), /<iframe|<div/);
    const figure = bundleOf(chart);
    assert.ok(figure["application/vnd.plotly.v1+json"], "no figure for Plotly");
    assert.match(String(figure["text/html"]), /<img [^>]*src="data:image\/png;base64,/);
    assert.match(textOf(predicted), new RegExp(`voxels ${12 * 16 * 16}\\b`));
  });
}

/** Returns what cells printed. */
function textOf(outputs: readonly Output[]): string {
  return outputs.map((output) => output.output_type === "stream" ? joined(output.text) : "")
    .join("");
}

/** Returns the formats of the one output that is shown. */
function bundleOf(outputs: readonly Output[]): Readonly<Record<string, unknown>> {
  const shown = outputs.filter((output) => "data" in output);
  assert.equal(shown.length, 1, JSON.stringify(outputs).slice(0, 1000));
  return shown[0].data;
}

/** Tests that notebook 4 keeps a trained model, whichever of its cells are run again. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import { fileURLToPath } from "node:url";
import {
  type CodeCell,
  joined,
  type Notebook,
  readNotebook,
} from "../../../kernels/jupyter/notebook_file.ts";
import { runNotebook } from "../../../kernels/jupyter/run_notebook.ts";
import { JupyterServer } from "../../../kernels/jupyter/server.ts";
import { testWithJupyter } from "./jupyter_here.ts";
import { code, notebookOf } from "./sample_notebooks.ts";

const project = fileURLToPath(new URL("../../../", import.meta.url));
const modelFolder =
  "data/runs/notebooks_short/Phantoms/nnUNet_results/Dataset101_Phantoms/nnUNetTrainer__nnUNetPlans__3d_fullres";

testWithJupyter("notebook 4 resumes or shows a model, and never trains over it", async () => {
  const root = await Deno.makeTempDir();
  try {
    await copyCourse(root);
    const { cells } = await readNotebook(join(root, "notebooks", "04_training.ipynb"));
    const sources = cells.filter(({ cell_type }) => cell_type === "code")
      .map(({ source }) => joined(source));
    const at = (part: string) => {
      const found = sources.filter((source) => source.includes(part));
      assert.equal(found.length, 1, `${found.length} cells have "${part}", expected one`);
      return found[0];
    };
    const [settings, firstHalf, rest] = [
      at("const trainer = new Trainer("),
      at("for await (const { epoch, log } of trainer.fit("),
      at("await watch(trainer)"),
    ];
    const before = sources.slice(0, sources.indexOf(settings));

    await using server = await JupyterServer.start({
      root: join(root, "notebooks"),
      variables: { NNUNET_NOTEBOOK_SETTINGS: "short" },
    });
    const run = async (...cells: string[]) => {
      const result = await runNotebook(
        server,
        "04_training.ipynb",
        notebookOf(...cells.map((source) => code(source))),
      );
      assert.equal(result.failure, undefined);
      return result.notebook;
    };

    // Stopped halfway; the settings cell and the loop are run again, and then the end.
    const first = await run(...before, settings, firstHalf, settings, firstHalf, rest, settings);
    const [settled, looped] = [before.length, before.length + 1];
    assert.match(textOf(first, settled), /^0 of 2 epochs are trained/);
    assert.match(textOf(first, settled + 2), /^1 of 2 epochs are trained/);
    assert.ok(hasFigure(first, looped) && hasFigure(first, looped + 2));
    assert.match(textOf(first, settled + 5), /^2 of 2 epochs are trained/);
    const model = await filesOf(root);
    assert.ok(model.has("fold_0/checkpoint_final.pth"));

    // In a new kernel, out of order: the end before the first half, and both twice.
    const again = await run(...before, settings, rest, firstHalf, settings, rest);
    assert.match(textOf(again, settled), /^2 of 2 epochs are trained/);
    for (const cell of [1, 2, 4]) assert.ok(hasFigure(again, settled + cell), `cell ${cell}`);
    assert.deepEqual(await filesOf(root), model);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

/** Copies the notebooks and the phantoms' generator; results are written beside them. */
async function copyCourse(root: string): Promise<void> {
  for (const folder of ["notebooks", "notebooks/helpers", "data"]) {
    await Deno.mkdir(join(root, folder));
    for await (const { name, isFile } of Deno.readDir(join(project, folder))) {
      if (isFile) await Deno.copyFile(join(project, folder, name), join(root, folder, name));
    }
  }
  await Deno.symlink(join(project, "lib"), join(root, "lib"));
}

/** The modification times of a model's files, by their paths. */
async function filesOf(root: string): Promise<Map<string, number>> {
  const files = new Map<string, number>();
  const walk = async (folder: string) => {
    for await (const { name, isDirectory } of Deno.readDir(join(root, modelFolder, folder))) {
      const path = join(folder, name);
      if (isDirectory) await walk(path);
      else {
        const { mtime } = await Deno.stat(join(root, modelFolder, path));
        if (/checkpoint|model\.onnx/.test(name)) files.set(path, mtime!.getTime());
      }
    }
  };
  await walk("");
  return files;
}

const outputsOf = ({ cells }: Notebook, cell: number) => (cells[cell] as CodeCell).outputs;

function textOf(notebook: Notebook, cell: number): string {
  return outputsOf(notebook, cell).map((output) => "text" in output ? joined(output.text) : "")
    .join("");
}

function hasFigure(notebook: Notebook, cell: number): boolean {
  return outputsOf(notebook, cell).some((output) =>
    "data" in output && "application/vnd.plotly.v1+json" in output.data
  );
}

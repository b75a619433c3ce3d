/** Colab's notebook, run as it is in a plain Python kernel, with the project's clone at hand. */

import assert from "node:assert/strict";
import { dirname, join, resolve } from "@std/path";
import { joined, type Notebook, readNotebook } from "../../../kernels/jupyter/notebook_file.ts";
import { runNotebook } from "../../../kernels/jupyter/run_notebook.ts";
import { JupyterServer } from "../../../kernels/jupyter/server.ts";
import { withTemporaryFolder } from "../../temporary_folder.ts";
import { testWithJupyter } from "./jupyter_here.ts";
import { code } from "./sample_notebooks.ts";

const project = resolve(import.meta.dirname!, "../../..");
const path = join(project, "notebooks/colab.ipynb");

/** Makes a repository of the files as they are, committed or not. */
async function writeRepository(folder: string): Promise<void> {
  const git = async (...args: string[]) => {
    const { success, stdout, stderr } = await new Deno.Command("git", { args }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
    return new TextDecoder().decode(stdout);
  };
  const listed = await git("-C", project, "ls-files", "-z", "-co", "--exclude-standard");
  for (const file of listed.split("\0").filter((file) => file !== "" && !/^tests\//.test(file))) {
    await Deno.mkdir(dirname(join(folder, file)), { recursive: true });
    await Deno.copyFile(join(project, file), join(folder, file));
  }
  const author = ["-c", "user.name=Tester", "-c", "user.email=tester@example.org"];
  await git("init", "--quiet", folder);
  await git("-C", folder, "add", ".");
  await git("-C", folder, ...author, "commit", "--quiet", "--message", "All");
}

/**
 * Makes a notebook fail where a command fails: Python goes on, and remembers only the exit code of a
 * cell's last command.
 */
function withChecks(notebook: Notebook): Notebook {
  const remember = `
_failed = []
_system = get_ipython().system

def _remembering(command):
    _system(command)
    if get_ipython().user_ns["_exit_code"] != 0:
        _failed.append(command)

get_ipython().system = _remembering`;
  const cells = notebook.cells.flatMap((cell) =>
    cell.cell_type === "code" && /^!/m.test(joined(cell.source))
      ? [cell, code("assert not _failed, _failed")]
      : [cell]
  );
  return { ...notebook, cells: [code(remember), ...cells] };
}

testWithJupyter(
  "colab.ipynb goes from nothing to a trained model, scores and pictures",
  () =>
    withTemporaryFolder(async (folder) => {
      await writeRepository(join(folder, "repository"));
      const work = join(folder, "work");
      await Deno.mkdir(work);
      await using server = await JupyterServer.start({
        root: work,
        variables: {
          NNUNET_REPOSITORY: join(folder, "repository"),
          NNUNET_NOTEBOOK_SETTINGS: "short",
        },
      });
      const { notebook, failure } = await runNotebook(
        server,
        "colab.ipynb",
        withChecks(await readNotebook(path)),
        { kernel: "python3" },
      );
      const printed = notebook.cells.flatMap((cell) =>
        cell.cell_type === "code" ? cell.outputs : []
      )
        .map((output) => output.output_type === "stream" ? joined(output.text) : "").join("");
      assert.equal(failure, undefined, `${failure?.message}\n${printed}`);
      assert.match(printed, /phantom_05\.nii\.gz/);
      const pictures = notebook.cells.flatMap((cell) =>
        cell.cell_type === "code" ? cell.outputs : []
      ).filter((output) => "data" in output && "image/png" in output.data);
      assert.equal(pictures.length, 2, "expected the curves and the comparison");
      assert.equal(
        JSON.parse(await Deno.readTextFile(join(work, "summary.json"))).metric_per_case.length,
        2,
      );
      const screenshots = Deno.env.get("NNUNET_TEST_SCREENSHOTS");
      if (screenshots) {
        await Deno.mkdir(screenshots, { recursive: true });
        await Deno.writeTextFile(join(screenshots, "colab.ipynb"), JSON.stringify(notebook));
      }
    }),
);

Deno.test("colab.ipynb is committed without outputs, for Python's kernel and a GPU", async () => {
  const { cells, metadata } = await readNotebook(path);
  for (const cell of cells) {
    if (cell.cell_type === "code") {
      assert.deepEqual([cell.outputs, cell.execution_count], [[], null]);
    }
  }
  assert.equal((metadata.kernelspec as { name: string }).name, "python3");
  assert.equal(metadata.accelerator, "GPU");
});

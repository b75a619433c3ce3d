/** Tests the project's kernel in the folder of a user's own project. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import { runNotebook } from "../../../kernels/jupyter/run_notebook.ts";
import { JupyterServer } from "../../../kernels/jupyter/server.ts";
import { withTemporaryFolder } from "../../temporary_folder.ts";
import { testWithJupyter } from "./jupyter_here.ts";
import { code, notebookOf } from "./sample_notebooks.ts";

testWithJupyter(
  "the kernel provides nnunet beside a user's own configuration, and leaves it alone",
  async () => {
    await withTemporaryFolder(async (root) => {
      const files = {
        "deno.json": `{ "imports": { "nnunet": "./other.ts" }, "nodeModulesDir": "manual" }`,
        "package.json": `{ "dependencies": { "left-pad": "1.3.0" } }`,
        "mine.ts": `import { Planner } from "nnunet"; export const mine: string = Planner.name;`,
      };
      for (const [name, text] of Object.entries(files)) {
        await Deno.writeTextFile(join(root, name), text);
      }
      await using server = await JupyterServer.start({ root });
      const cells = [
        `import { Planner } from "nnunet"; import { mine } from "./mine.ts";`,
        `console.log(Planner.name, mine);`,
      ];
      const { notebook, failure } = await runNotebook(
        server,
        "a.ipynb",
        notebookOf(...cells.map((cell) => code(cell))),
      );
      assert.equal(failure, undefined);
      assert.match(JSON.stringify(notebook.cells[1]), /"Planner Planner\\n"/);
      // Neither packages nor a lock file were added.
      const names = (await Array.fromAsync(Deno.readDir(root))).map(({ name }) => name);
      assert.deepEqual(
        names.filter((name) => !name.startsWith(".")).sort(),
        Object.keys(files).sort(),
      );
    });
  },
);

/** Tests notebooks in a real Jupyter server, in a folder outside the project. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import type { CodeCell, Notebook } from "../../../kernels/jupyter/notebook_file.ts";
import { joined } from "../../../kernels/jupyter/notebook_file.ts";
import { runNotebook } from "../../../kernels/jupyter/run_notebook.ts";
import { JupyterServer } from "../../../kernels/jupyter/server.ts";
import { testWithJupyter } from "./jupyter_here.ts";
import { code, notebookOf } from "./sample_notebooks.ts";

const notebook = (...sources: string[]) => notebookOf(...sources.map((source) => code(source)));

const shown = ({ cells }: Notebook, cell: number) =>
  (cells[cell] as CodeCell).outputs.map((output) =>
    "text" in output ? joined(output.text) : "data" in output ? output.data["text/plain"] : ""
  ).join("");

testWithJupyter("runNotebook() provides the project's modules in any folder", async () => {
  const root = await Deno.makeTempDir();
  await Deno.mkdir(join(root, "sub folder"));
  await Deno.writeTextFile(join(root, "sub folder", "mine.ts"), "export const mine = 42;");
  await using server = await JupyterServer.start({ root });
  const run = (...sources: string[]) =>
    runNotebook(server, "sub folder/a.ipynb", notebook(...sources));

  const { notebook: succeeded, failure } = await run(
    `console.log(Deno.cwd());`,
    `import { Planner } from "nnunet";
     import { interruptible } from "nnunet/notebook";
     import { mine } from "./mine.ts";
     console.log(Planner.name, interruptible().aborted, mine);`,
    `setTimeout(() => console.log("late"), 200); undefined`,
    `Deno.kill(Deno.pid, "SIGINT"); await new Promise((done) => setTimeout(done, 50)); "alive"`,
    `import { Remote } from ${
      JSON.stringify(new URL("../../../lib/runtime/remote.ts", import.meta.url))
    };
     const worker = await Remote.connect(${
      JSON.stringify(new URL("../../runtime/sample_worker.ts", import.meta.url))
    });
     worker.close();`,
  );
  assert.equal(failure, undefined);
  assert.equal(shown(succeeded, 0), `${await Deno.realPath(root)}/sub folder\n`);
  assert.equal(shown(succeeded, 1), "Planner false 42\n");
  assert.equal(shown(succeeded, 2), "late\n");
  assert.match(shown(succeeded, 3), /alive/);

  const failed = await run(`1`, `throw new RangeError("Cannot do this")`, `console.log("after")`);
  assert.deepEqual(failed.failure, { cell: 2, message: "RangeError: Cannot do this" });
  assert.equal(shown(failed.notebook, 2), "");

  const died = await run(`Deno.exit(3)`);
  assert.deepEqual(died.failure, { cell: 1, message: "The kernel died" });

  // The client learns of this from the list of sessions alone.
  const [gone] = await Promise.all([run(`await new Promise(() => {})`), deleteSession(server)]);
  assert.deepEqual(gone.failure, { cell: 1, message: "The kernel died" });
  await Deno.remove(root, { recursive: true });
});

/** Ends the session that starts next. */
async function deleteSession({ url, token }: JupyterServer): Promise<void> {
  const headers = { Authorization: `token ${token}` };
  while (true) {
    const [session] = await (await fetch(`${url}api/sessions`, { headers })).json();
    if (session?.kernel?.execution_state === "busy") {
      await (await fetch(`${url}api/sessions/${session.id}`, { method: "DELETE", headers })).body
        ?.cancel();
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

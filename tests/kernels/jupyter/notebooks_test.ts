import assert from "node:assert/strict";
import { join } from "@std/path";
import { fileURLToPath } from "node:url";
import { readNotebook } from "../../../kernels/jupyter/notebook_file.ts";
import { testWithJupyter } from "./jupyter_here.ts";
import { code, notebookOf, prose } from "./sample_notebooks.ts";

const main = fileURLToPath(new URL("../../../kernels/jupyter/notebooks.ts", import.meta.url));

testWithJupyter("deno task notebooks runs all, names failures and keeps outputs", async () => {
  const root = await Deno.makeTempDir();
  const write = (name: string, ...sources: string[]) =>
    Deno.writeTextFile(
      join(root, name),
      JSON.stringify(notebookOf(prose("# A\n\nWhy?"), ...sources.map((source) => code(source)))),
    );
  await write("01.ipynb", `1`, `throw new RangeError("Cannot")`);
  await write("02.ipynb", `console.log(Deno.env.get("NNUNET_NOTEBOOK_SETTINGS"))`);
  await write("10.ipynb", `throw new Error("Not requested")`);
  const output = join(root, "run");
  const { code: status, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--quiet", main, "0"],
      ...["--settings", "short", "--input", root, "--output", output],
    ],
  }).output();
  const printed = new TextDecoder().decode(stdout);
  assert.equal(status, 1);
  assert.match(printed, /01\.ipynb {2}cell 3 failed: RangeError: Cannot\n02\.ipynb {2}0:0\d\n/);
  assert.match(JSON.stringify((await readNotebook(join(output, "02.ipynb"))).cells), /short\\n/);
  assert.equal((await Array.fromAsync(Deno.readDir(output))).length, 2);
  await Deno.remove(root, { recursive: true });
});

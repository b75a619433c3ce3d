import assert from "node:assert/strict";
import { join } from "@std/path";
import { findNotebooks } from "../../../kernels/jupyter/find_notebooks.ts";
import { withTemporaryFolder } from "../../temporary_folder.ts";
import { notebookOf } from "./sample_notebooks.ts";

Deno.test("findNotebooks() finds those for this kernel or for none, in the order of their names", () =>
  withTemporaryFolder(async (folder) => {
    const write = (name: string, kernel?: string) => {
      const metadata = kernel === undefined ? {} : { kernelspec: { name: kernel } };
      const text = JSON.stringify({ ...notebookOf(), metadata });
      return Deno.writeTextFile(join(folder, name), text);
    };
    await write("02_b.ipynb", "deno-nnunet");
    await write("01_a.ipynb");
    await write("03_colab.ipynb", "python3");
    await Deno.writeTextFile(join(folder, "04.ts"), "");
    const all = ["01_a.ipynb", "02_b.ipynb"].map((name) => join(folder, name));
    assert.deepEqual(await findNotebooks(folder, []), all);
    assert.deepEqual(await findNotebooks(folder, ["02"]), [all[1]]);
    await assert.rejects(findNotebooks(folder, ["03"]), {
      message: `Cannot find notebook 03: ${folder} has 01_a.ipynb, 02_b.ipynb`,
    });
  }));

import assert from "node:assert/strict";
import { basename } from "@std/path";
import { fileURLToPath } from "node:url";
import { findNotebooks } from "../../../kernels/jupyter/find_notebooks.ts";
import { readNotebook } from "../../../kernels/jupyter/notebook_file.ts";
import { chapterOf } from "../../../kernels/jupyter/site/notebook_page.ts";
import { kernelName } from "../../../kernels/kernelspec.ts";

const folder = fileURLToPath(new URL("../../../notebooks", import.meta.url));

for (const path of await findNotebooks(folder, [])) {
  const name = basename(path);
  Deno.test(`${name} is committed without outputs, for this kernel, with its question`, async () => {
    const notebook = await readNotebook(path);
    for (const [i, cell] of notebook.cells.entries()) {
      if (cell.cell_type !== "code") continue;
      assert.deepEqual(cell.outputs, [], `Cell ${i + 1} has outputs`);
      assert.equal(cell.execution_count, null, `Cell ${i + 1} has a number`);
    }
    assert.equal((notebook.metadata.kernelspec as { name: string })?.name, kernelName);
    chapterOf(name, notebook); // Throws where title or question is missing.
  });
}

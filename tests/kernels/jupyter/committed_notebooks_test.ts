import assert from "node:assert/strict";
import { basename } from "@std/path";
import { fileURLToPath } from "node:url";
import { findNotebooks } from "../../../kernels/jupyter/find_notebooks.ts";
import { joined, type Notebook, readNotebook } from "../../../kernels/jupyter/notebook_file.ts";
import { titleAndLead } from "../../../kernels/jupyter/site/markdown.ts";
import { kernelName } from "../../../kernels/kernelspec.ts";

const folder = fileURLToPath(new URL("../../../notebooks", import.meta.url));

const notebooks = await findNotebooks(folder, []);

/** The prose of a notebook, cell by cell. */
function proseOf({ cells }: Notebook): string {
  return cells.filter(({ cell_type }) => cell_type === "markdown")
    .map(({ source }) => joined(source)).join("\n\n");
}

Deno.test("notebook 0 lists all notebooks with their titles, and minutes for each", async () => {
  const expected = await Promise.all(notebooks.map(async (path, i) => {
    const { title } = titleAndLead(proseOf(await readNotebook(path)));
    return i === 0 ? title : `[${title}](${basename(path)})`;
  }));
  const rows = proseOf(await readNotebook(notebooks[0]))
    .matchAll(/^\| (\d\. .*|\[\d\. .*\)) +\| +\d+ +\|$/gm);
  assert.deepEqual([...rows].map(([, row]) => row.trim()), expected);
});

for (const path of notebooks) {
  const name = basename(path);

  Deno.test(`${name} answers its exercises, says what goes wrong, and has short cells`, async () => {
    const notebook = await readNotebook(path);
    const prose = proseOf(notebook);
    const exercises = prose.match(/^## Exercises$[^]*?(?=^## |$(?![^]))/m)?.[0] ?? "";
    const answers = exercises.match(/<details><summary>Answer<\/summary>\n\n[^]+?<\/details>/g);
    assert.ok(answers!.length >= 3);
    assert.equal(answers!.length, exercises.match(/^(\*\*\d\.\*\*|\d\.) /gm)!.length);
    assert.match(prose, /^## What went wrong\?$/m);
    for (const [i, { cell_type, source }] of notebook.cells.entries()) {
      const lines = joined(source).split("\n").length;
      assert.ok(cell_type !== "code" || lines <= 45, `Cell ${i + 1} has ${lines} lines`);
    }
  });

  Deno.test(`${name} is committed without outputs, for this kernel, with a question`, async () => {
    const notebook = await readNotebook(path);
    for (const [i, cell] of notebook.cells.entries()) {
      if (cell.cell_type !== "code") continue;
      assert.deepEqual(cell.outputs, [], `Cell ${i + 1} has outputs`);
      assert.equal(cell.execution_count, null, `Cell ${i + 1} has a number`);
    }
    assert.equal((notebook.metadata.kernelspec as { name: string })?.name, kernelName);
    const { title, lead } = titleAndLead(proseOf(notebook));
    assert.ok(title && lead, "A title and a paragraph with the question are missing");
  });

  Deno.test(`${name} imports only what the library's entries export`, async () => {
    for (const { cell_type, source } of (await readNotebook(path)).cells) {
      if (cell_type !== "code") continue;
      const imports = joined(source).matchAll(/^import (?:type )?\{([^}]*)\} from "([^"]+)";$/gm);
      for (const [, names, from] of imports) {
        assert.doesNotMatch(
          from,
          /^\.\.\//,
          "Notebooks import only the entries and files next to them",
        );
        if (!/^nnunet(\/|$)/.test(from)) continue;
        const entry = await import(from);
        for (const imported of names.split(",").map((one) => one.trim()).filter(Boolean)) {
          assert.ok(Object.hasOwn(entry, imported), `${from} does not export ${imported}`);
        }
      }
    }
  });
}

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { findNotebooks } from "../../../../kernels/jupyter/find_notebooks.ts";
import {
  browserNotebook,
  isWorthOpening,
} from "../../../../kernels/jupyter/lite/browser_notebook.ts";
import { modules } from "../../../../kernels/jupyter/lite/page/modules.ts";
import { readNotebook } from "../../../../kernels/jupyter/notebook_file.ts";
import { code, notebookOf, prose } from "../sample_notebooks.ts";

const few = {
  name: "a.ipynb",
  settings: { cases: 6 },
  modules: { "nnunet": { Planner: 1 }, "node:path": { join: 1 } },
};

Deno.test("browserNotebook() leaves out what Deno needs, and what depends on it", () => {
  const { notebook, leftOut, codeCells } = browserNotebook(
    notebookOf(
      prose("# Title\n\nSee [two](02.ipynb), [this](03.ipynb#part) and [that](https://a.org)."),
      code('import { join } from "node:path";\nconst text = Deno.readTextFile(join("a", "b"));'),
      code("console.log(text);"),
      code('console.log(join("a"));'),
      code('import { nnunet } from "./helpers/command_line.ts";\nawait nnunet("a");'),
      code('await nnunet("b");'),
      code('import { Trainer } from "nnunet";\nnew Trainer();'),
      code("const text = 1;"),
      code("text;"),
    ),
    { ...few, offered: ["03.ipynb"] },
  );
  assert.equal(codeCells, 8);
  assert.deepEqual(leftOut, [
    "uses `Deno`",
    "needs `text`, which a cell that is left out defines",
    "runs the command line",
    "runs the command line",
    "imports `Trainer` of `nnunet`",
  ]);
  const [intro, opening, title, ...cells] = notebook.cells;
  assert.match(`${intro.source}`, /5 of 8 code cells are left out/);
  assert.match(`${opening.source}`, /await openCourse\("..\/nnunet\/", \{\n {2}cases: 6,\n\}\)/);
  assert.match(`${title.source}`, /See two, \[this\]\(03.ipynb#part\) and \[that\]/);
  assert.deepEqual(
    cells.filter(({ cell_type }) => cell_type === "code").map(({ source }) => source),
    [
      'const { join } = await importModule("node:path");',
      'console.log(join("a"))',
      "const text = 1;",
      "text",
    ],
  );
  assert.match(
    `${cells[0].source}`,
    /^\*Left out in a browser: this cell uses `Deno`\.\*\n\n```ts/,
  );
});

Deno.test("browserNotebook() leaves out cells that cannot be JavaScript", () => {
  const result = browserNotebook(notebookOf(code("%%bash\nls")), few);
  assert.match(result.leftOut[0], /^cannot be turned into JavaScript/);
  assert(!isWorthOpening(result));
});

Deno.test("notebooks 0, 2 to 5 and 8 run in a browser, but for a few cells", async () => {
  const folder = fileURLToPath(new URL("../../../../notebooks", import.meta.url));
  const found = await Promise.all((await findNotebooks(folder, [])).map(async (path) => {
    const result = browserNotebook(await readNotebook(path), { ...few, modules });
    return `${path.split(/[/\\]/).at(-1)!.slice(0, 2)} ${
      isWorthOpening(result) ? result.leftOut.length : "no"
    }`;
  }));
  assert.deepEqual(found, [
    ...["00 0", "01 no", "02 1", "03 1", "04 2", "05 1", "06 no", "07 no", "08 0"],
  ]);
});

import assert from "node:assert/strict";
import { javascriptCell } from "../../../../kernels/jupyter/lite/javascript_cell.ts";

Deno.test("javascriptCell() strips types and turns imports into calls", () => {
  const { code, imports, declared } = javascriptCell(
    `import { table, type Cell } from "nnunet/notebook";
import * as ort from "onnxruntime-node";

const round = (values: readonly number[]) => values.map((value) => +value.toFixed(2));
const counts = new Map<number, number>();
table(round([1]) as Cell[]);`,
  );
  assert.equal(
    code,
    `const { table } = await importModule("nnunet/notebook");
const ort = await importModule("onnxruntime-node");

const round = (values) => values.map((value) => +value.toFixed(2));
const counts = new Map();
table(round([1]) )`,
  );
  assert.deepEqual(imports, [
    { module: "nnunet/notebook", names: ["table"] },
    { module: "onnxruntime-node", names: [] },
  ]);
  assert.deepEqual([...declared], ["table", "ort", "round", "counts"]);
});

Deno.test("javascriptCell() renames what is imported under another name", () => {
  const { code } = javascriptCell('import { a as b } from "m";\nconst c = 1;');
  assert.equal(code, 'const { a: b } = await importModule("m");\nconst c = 1;');
});

Deno.test("javascriptCell() lists the names that a cell uses and does not declare", () => {
  const names = (code: string) => [...javascriptCell(code).used].toSorted();
  assert.deepEqual(names("const { a, b: [c] } = first; c.d + ({ e: f, g }).h"), [
    ...["f", "first", "g"],
  ]);
  assert.deepEqual(names("const run = (x, { y = z }) => { const w = x; return w + y; };"), ["z"]);
  assert.deepEqual(names("try { go(); } catch (error) { log(error[key]); }"), ["go", "key", "log"]);
});

Deno.test("javascriptCell() rejects what is not TypeScript", () => {
  assert.throws(() => javascriptCell("%%bash\nls"), SyntaxError);
});

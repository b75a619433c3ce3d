import assert from "node:assert/strict";
import { CellOutputs } from "../../../kernels/jupyter/cell_outputs.ts";

const stream = (text: string, name = "stdout") => ({ type: "stream", content: { name, text } });
const display = (value: string, id?: string, type = "display_data") => ({
  type,
  content: { data: { "text/plain": value }, transient: id ? { display_id: id } : {} },
});
const values = (outputs: CellOutputs, cell: number) =>
  outputs.of(cell).map((output) =>
    "data" in output ? output.data["text/plain"] : "text" in output ? output.text : "error"
  );

Deno.test("CellOutputs concatenates texts of one stream", () => {
  const outputs = new CellOutputs(1);
  for (const text of ["a", "b"]) outputs.add(0, stream(text));
  outputs.add(0, stream("c", "stderr"));
  assert.deepEqual(values(outputs, 0), ["ab", "c"]);
});

Deno.test("CellOutputs updates a display in any cell", () => {
  const outputs = new CellOutputs(2);
  outputs.add(0, display("old", "curve"));
  outputs.add(1, display("new", "curve", "update_display_data"));
  assert.deepEqual([values(outputs, 0), values(outputs, 1)], [["new"], []]);
  assert.ok(!("displayId" in outputs.of(0)[0]));
});

Deno.test("CellOutputs clears immediately or with the next output", () => {
  const outputs = new CellOutputs(1);
  const clear = (wait: boolean) => outputs.add(0, { type: "clear_output", content: { wait } });
  outputs.add(0, stream("a"));
  clear(true);
  assert.deepEqual(values(outputs, 0), ["a"]);
  outputs.add(0, stream("b"));
  assert.deepEqual(values(outputs, 0), ["b"]);
  clear(false);
  assert.deepEqual(values(outputs, 0), []);
});

Deno.test("CellOutputs.add() distinguishes outputs from other messages", () => {
  const outputs = new CellOutputs(1);
  assert.equal(outputs.add(0, { type: "status", content: {} }), false);
  assert.equal(outputs.add(0, stream("a")), true);
});

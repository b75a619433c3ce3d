import assert from "node:assert/strict";
import fc from "fast-check";
import { parseJson } from "../../lib/untrusted/json_text.ts";

Deno.test("parseJson() parses what JSON.parse() parses, whatever brackets its texts contain", () => {
  const text = fc.array(fc.constantFrom("[", "{", "]", "}", '"', "\\", "a", "é", "\n"))
    .map((some) => some.join(""));
  const value = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 5 },
      text,
      fc.integer(),
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(text, tie("value"), { maxKeys: 3 }),
    ),
  })).value;
  fc.assert(
    fc.property(value, (value) => {
      const json = JSON.stringify(value);
      assert.deepEqual(parseJson(json), JSON.parse(json));
    }),
    { seed: 5, numRuns: 500 },
  );
  assert.deepEqual(parseJson(JSON.stringify("[".repeat(1000))), "[".repeat(1000));
  assert.equal((parseJson(`[${"[],".repeat(1000)}[]]`) as unknown[]).length, 1001);
});

Deno.test("parseJson() refuses nesting beyond 100 levels at once", () => {
  const nested = (levels: number, open: string, close: string) =>
    open.repeat(levels) + "1" + close.repeat(levels);
  assert.doesNotThrow(() => parseJson(nested(100, "[", "]")));
  for (const [open, close] of [["[", "]"], ['{"a":', "}"], ['[{"\\"":', "}]"]]) {
    for (const levels of [101, 1_000_000]) {
      assert.throws(
        () => parseJson(nested(levels, open, close)),
        { name: "SyntaxError", message: "It is nested deeper than 100 levels" },
      );
    }
  }
});

Deno.test("parseJson() reports damaged text as JSON.parse() does", () => {
  for (const text of ["", "{", '"open', '"open\\"', "]", '["a]', "[1,]"]) {
    assert.throws(() => parseJson(text), { name: "SyntaxError", message: /JSON/ });
  }
});

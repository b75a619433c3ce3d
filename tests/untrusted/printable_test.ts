import assert from "node:assert/strict";
import fc from "fast-check";
import { printable } from "../../lib/untrusted/printable.ts";

Deno.test("printable() escapes what terminals act on, and nothing else", () => {
  const cases: [string, string][] = [
    ["case_001", "case_001"],
    ["Größe 日本 🧠 é", "Größe 日本 🧠 é"],
    ["\x1b[2J\x1b]0;title\x07", "\\x1b[2J\\x1b]0;title\\x07"],
    ["100 %\rdone", "100 %\\rdone"],
    ["a\nb\tc", "a\\nb\\tc"],
    ["\x00\x7f\x9b31m", "\\x00\\x7f\\x9b31m"],
    ["gpj.\u202eexe", "gpj.\\u202eexe"],
    ["a\u2066b\u200fc\u200bd\ufeff", "a\\u2066b\\u200fc\\u200bd\\ufeff"],
    ["\u2028\u2029", "\\u2028\\u2029"],
    ["\u{e0041}", "\\u{e0041}"],
    ["\ud800x", "\\ud800x"],
  ];
  for (const [text, shown] of cases) assert.equal(printable(text), shown);
  assert.equal(printable("a\n\x1b\tb\r\n", { keepLines: true }), "a\n\\x1b\tb\\r\n");
});

Deno.test("printable() leaves no control, format or surrogate character", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      assert.doesNotMatch(printable(text), /[\p{Cc}\p{Bidi_Control}\p{Cs}]/u);
    }),
    { seed: 1, numRuns: 2000 },
  );
});

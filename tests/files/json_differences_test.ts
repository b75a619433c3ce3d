import assert from "node:assert/strict";
import { jsonDifferences } from "../../lib/files/json_differences.ts";

Deno.test("jsonDifferences() finds the innermost places, whatever the order of keys", () => {
  const before = { a: { b: 1, c: [1, 2], e: null }, d: "same", f: NaN };
  const after = { f: NaN, d: "same", a: { c: [1, 3], b: 1, g: 0 } };
  assert.deepEqual(jsonDifferences(before, after), [
    { path: ["a", "c"], before: [1, 2], after: [1, 3] },
    { path: ["a", "e"], before: null, after: undefined },
    { path: ["a", "g"], before: undefined, after: 0 },
  ]);
  assert.deepEqual(jsonDifferences(before, before), []);
});

Deno.test("jsonDifferences() compares values of different kinds as a whole", () => {
  assert.deepEqual(jsonDifferences(undefined, {}), [{ path: [], before: undefined, after: {} }]);
  assert.deepEqual(jsonDifferences([1], { 0: 1 }), [{ path: [], before: [1], after: { 0: 1 } }]);
});

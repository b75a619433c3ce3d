import assert from "node:assert/strict";
import { withoutUndefined } from "../../lib/files/without_undefined.ts";

Deno.test("withoutUndefined() removes only undefined", () => {
  const record = { a: undefined, b: null, c: 0, d: "" };
  assert.deepEqual(Object.keys(withoutUndefined(record)), ["b", "c", "d"]);
});

import assert from "node:assert/strict";
import { countedSecond } from "./hang_limit.ts";

Deno.test("countedSecond() is a second while processors are free, and the share of one otherwise", () => {
  assert.equal(countedSecond(0, 2), 1);
  assert.equal(countedSecond(2, 2), 1);
  assert.equal(countedSecond(4, 2), 0.5);
  assert.equal(countedSecond(16, 4), 0.25);
});

import assert from "node:assert/strict";
import { nameSome } from "../../lib/files/some_names.ts";

Deno.test("nameSome() names five and counts the others", () => {
  assert.equal(nameSome(["a", "b"]), "a, b");
  assert.equal(nameSome(["a", "b", "c", "d", "e", "f", "g"]), "a, b, c, d, e and 2 more");
});

Deno.test("nameSome() keeps names on one line", () => {
  assert.equal(nameSome(["a\nb", "\x1b[2Jc"]), "a\\nb, \\x1b[2Jc");
});

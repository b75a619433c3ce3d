import assert from "node:assert/strict";
import { sha256 } from "../../lib/platform/sha256.ts";

Deno.test("sha256() returns the standard's hash, however the bytes are split", async () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  assert.equal((await sha256(bytes("abc"))).toHex(), expected);
  assert.equal((await sha256(bytes("a"), bytes(""), bytes("bc"))).toHex(), expected);
});

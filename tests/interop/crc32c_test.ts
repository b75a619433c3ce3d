import assert from "node:assert/strict";
import { crc32c } from "../../lib/interop/crc32c.ts";

Deno.test("crc32c() returns the published check values", () => {
  assert.equal(crc32c(new TextEncoder().encode("123456789")), 0xe3069283);
  // RFC 3720, B.4: 32 bytes of zeros.
  assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa);
});

import assert from "node:assert/strict";
import { ScratchFile } from "../../../lib/browser/platform/scratch_file.ts";

Deno.test("a scratch file in memory is read and written at any offset", () => {
  using file = new ScratchFile();
  const written = Uint8Array.from({ length: 200_000 }, (_, i) => i % 251);
  file.write(70_000, written);
  const read = new Uint8Array(200_000);
  file.read(70_000, read);
  assert.deepEqual(read, written);
  file.read(0, read.subarray(0, 70_000));
  assert.ok(read.subarray(0, 70_000).every((byte) => byte === 0));
  assert.throws(() => file.read(269_999, new Uint8Array(2)), {
    name: "RangeError",
    message: "Cannot read the scratch file: it ends at byte 270000, expected at least 270001",
  });
});

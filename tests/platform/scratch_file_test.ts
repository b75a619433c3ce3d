import assert from "node:assert/strict";
import { ScratchFile } from "../../lib/platform/scratch_file.ts";

Deno.test("ScratchFile reads what was written at an offset", () => {
  using file = new ScratchFile();
  file.write(8, Uint8Array.of(5, 6, 7));
  file.write(2, Uint8Array.of(1, 2));
  const bytes = new Uint8Array(9);
  file.read(2, bytes);
  assert.deepEqual(bytes, Uint8Array.of(1, 2, 0, 0, 0, 0, 5, 6, 7));
  file.write(9, Uint8Array.of(9));
  file.read(0, bytes.subarray(0, 3));
  assert.deepEqual(bytes.subarray(0, 3), Uint8Array.of(0, 0, 1));
});

Deno.test("ScratchFile.read() throws if the file ends early", () => {
  using file = new ScratchFile();
  file.write(0, Uint8Array.of(1, 2));
  assert.throws(() => file.read(1, new Uint8Array(4)), {
    name: "RangeError",
    message: "Cannot read the scratch file: it ends at byte 2, expected at least 5",
  });
});

Deno.test("ScratchFile leaves no file behind", () => {
  const folder = Deno.makeTempDirSync();
  const before = Deno.env.get("TMPDIR");
  Deno.env.set("TMPDIR", folder);
  try {
    const file = new ScratchFile();
    file.write(0, Uint8Array.of(1));
    file[Symbol.dispose]();
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  } finally {
    if (before === undefined) Deno.env.delete("TMPDIR");
    else Deno.env.set("TMPDIR", before);
    Deno.removeSync(folder);
  }
});

import assert from "node:assert/strict";
import { unzipSync, zipSync } from "fflate";
import fc from "fast-check";
import { join } from "@std/path";
import { readStoredZip, writeStoredZip } from "../../lib/interop/stored_zip.ts";
import { runPython, testWithPython } from "../with_python.ts";
import { checksumsIn } from "./checksums_in.ts";

const records = fc.uniqueArray(
  fc.record({
    name: fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }),
    content: fc.uint8Array({ maxLength: 200 }),
  }),
  { selector: ({ name }) => name, maxLength: 6 },
);

Deno.test("readStoredZip() returns what writeStoredZip() packed", () => {
  fc.assert(fc.property(records, (records) => {
    const read = readStoredZip(writeStoredZip(records));
    assert.deepEqual([...read.keys()], records.map(({ name }) => name));
    for (const { name, content } of records) assert.deepEqual([...read.get(name)!], [...content]);
  }));
});

Deno.test("writeStoredZip() starts each record at a multiple of 64 bytes", () => {
  fc.assert(fc.property(records, (records) => {
    for (const content of readStoredZip(writeStoredZip(records)).values()) {
      assert.equal(content.byteOffset % 64, 0);
    }
  }));
});

Deno.test("writeStoredZip() writes archives that another reader opens", () => {
  const archive = writeStoredZip([{ name: "a/ä", content: Uint8Array.of(1, 2) }]);
  assert.deepEqual(unzipSync(archive), { "a/ä": Uint8Array.of(1, 2) });
});

Deno.test("readStoredZip() reads stored records of another writer and rejects compressed ones", () => {
  const files = { name: Uint8Array.of(1, 2, 3) };
  const stored = zipSync(files, { level: 0 }) as Uint8Array<ArrayBuffer>;
  assert.deepEqual([...readStoredZip(stored).get("name")!], [1, 2, 3]);
  const compressed = zipSync(files, { level: 9 }) as Uint8Array<ArrayBuffer>;
  assert.throws(() => readStoredZip(compressed), /compression method 8, expected none/);
});

Deno.test("readStoredZip() detects a modified byte in a record", () => {
  const archive = writeStoredZip([{ name: "a", content: Uint8Array.of(1, 2, 3) }]);
  archive[65] ^= 1;
  assert.throws(() => readStoredZip(archive), /record "a": its content does not match/);
});

Deno.test("readStoredZip() rejects entries that together exceed the file", () => {
  const content = new Uint8Array(1000);
  const archive = writeStoredZip([{ name: "a", content }, { name: "b", content }]);
  const view = new DataView(archive.buffer);
  const directory = view.getUint32(archive.length - 6, true);
  view.setUint32(directory + 47 + 42, 0, true); // "b" is at the position of "a",
  const shortened = new Uint8Array([
    ...archive.subarray(0, 1064), // and its own bytes are removed.
    ...archive.subarray(directory),
  ]);
  new DataView(shortened.buffer).setUint32(shortened.length - 6, 1064, true);
  assert.throws(() => readStoredZip(shortened), /record "b": 1000 bytes from byte 64 exceed/);
});

Deno.test("readStoredZip() reports a truncated file", () => {
  const archive = writeStoredZip([{ name: "a", content: new Uint8Array(9) }]);
  for (let length = 0; length < archive.length; length++) {
    assert.throws(() => readStoredZip(archive.slice(0, length)), SyntaxError);
  }
});

Deno.test("writeStoredZip() writes the CRC-32 of every record into both of its headers", () => {
  const digits = new TextEncoder().encode("123456789");
  const archive = writeStoredZip([
    { name: "a", content: digits },
    { name: "empty", content: new Uint8Array(0) },
  ]);
  // 0xCBF43926 is CRC-32's check value, the checksum of these digits.
  assert.deepEqual(checksumsIn(archive), {
    a: [0xcbf43926, 0xcbf43926],
    empty: [0, 0],
  });
});

Deno.test("readStoredZip() rejects a record whose checksum is wrong", () => {
  const archive = writeStoredZip([{ name: "a", content: Uint8Array.of(1, 2, 3) }]);
  const view = new DataView(archive.buffer);
  const directory = view.getUint32(archive.length - 6, true);
  view.setUint8(directory + 16, view.getUint8(directory + 16) ^ 1);
  assert.throws(() => readStoredZip(archive), {
    name: "SyntaxError",
    message: /record "a": its content does not match its checksum/,
  });
});

Deno.test("archives of more than 4 GiB have positions of 64 bits, which are read", () => {
  const all = ["a", "b", "c"].map((name, i) => ({ name, content: Uint8Array.of(i, 1, 2) }));
  // As if the second record began behind 4 GiB.
  const archive = writeStoredZip(all, 70);
  const read = readStoredZip(archive);
  assert.deepEqual([...read].map(([name, content]) => [name, ...content]), [
    ["a", 0, 1, 2],
    ["b", 1, 1, 2],
    ["c", 2, 1, 2],
  ]);
  for (let length = 0; length < archive.length; length++) {
    assert.throws(() => readStoredZip(archive.slice(0, length)), SyntaxError);
  }
  const damaged = archive.slice();
  damaged[archive.length - 22 - 20] ^= 1; // The signature of the record's locator.
  assert.throws(() => readStoredZip(damaged), {
    name: "SyntaxError",
    message: "Cannot read zip archive: its 64-bit directory is damaged",
  });
});

testWithPython("PyTorch reads archives whose positions have 64 bits", async (folder) => {
  const golden = decodeURIComponent(new URL("../golden/checkpoint.pth", import.meta.url).pathname);
  const records = readStoredZip(await Deno.readFile(golden));
  const archive = writeStoredZip(
    [...records].map(([name, content]) => ({ name, content })),
    1000,
  );
  const path = join(folder, "wide.pth");
  await Deno.writeFile(path, archive);
  const script = `
import sys, torch, zipfile
plain, wide = (torch.load(path, weights_only=False)["network_weights"] for path in sys.argv[1:])
print(zipfile.ZipFile(sys.argv[2]).testzip(), all(torch.equal(plain[k], wide[k]) for k in plain))`;
  assert.equal(await runPython("-c", script, golden, path), "None True");
});

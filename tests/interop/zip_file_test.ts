import assert from "node:assert/strict";
import { join } from "@std/path";
import { writeZipFile, ZipFile, type ZipInput } from "../../lib/interop/zip_file.ts";
import { checksumsIn } from "./checksums_in.ts";

const text = (...parts: string[]) => parts.map((part) => new TextEncoder().encode(part));

/** Writes an archive, changes its bytes, and reads a record. */
async function readChanged(
  record: ZipInput,
  change: (view: DataView, directory: number) => void = () => {},
): Promise<{ content: string; archive: Uint8Array<ArrayBuffer> }> {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "a.zip");
    await writeZipFile(path, [record]);
    const archive = await Deno.readFile(path);
    const view = new DataView(archive.buffer);
    // The 64-bit end record, its locator and the plain one: 56, 20 and 22 bytes.
    change(view, Number(view.getBigUint64(archive.length - 98 + 48, true)));
    await Deno.writeFile(path, archive);
    using file = await ZipFile.open(path);
    let content = "";
    for await (const piece of file.read(file.entries.get(record.name)!)) {
      content += new TextDecoder().decode(piece);
    }
    return { content, archive };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

for (const compress of [true, false]) {
  const record = { name: "a", content: text("1234", "", "56789"), compress };
  const kind = compress ? "deflated" : "stored";

  Deno.test(`writeZipFile() writes the CRC-32 of a ${kind} record made of several pieces`, async () => {
    const { content, archive } = await readChanged(record);
    assert.equal(content, "123456789");
    // 0xCBF43926 is CRC-32's check value, the checksum of these digits.
    assert.deepEqual(checksumsIn(archive), { a: [0xcbf43926, 0xcbf43926] });
  });

  Deno.test(`ZipFile rejects a ${kind} record whose checksum or size is wrong`, async () => {
    const flipChecksum = (view: DataView, directory: number) =>
      view.setUint8(directory + 16, view.getUint8(directory + 16) ^ 1);
    await assert.rejects(readChanged(record, flipChecksum), {
      name: "SyntaxError",
      message: /"a" of .*a\.zip: its content does not match its checksum; the file is damaged/,
    });
    // The entry's 64-bit sizes follow its header (46 bytes), its name and the field's 4 bytes.
    const resize = (size: number) => (view: DataView, directory: number) =>
      view.setBigUint64(directory + 46 + 1 + 4, BigInt(size), true);
    await assert.rejects(readChanged(record, resize(10)), /it has 9 bytes, expected 10/);
    await assert.rejects(readChanged(record, resize(8)), /more than 8 bytes, expected 8/);
  });
}

Deno.test("ZipFile rejects a stored record with a damaged byte", async () => {
  const record = { name: "a", content: text("123456789"), compress: false };
  const damage = (view: DataView, directory: number) =>
    view.setUint8(directory - 1, view.getUint8(directory - 1) ^ 4);
  await assert.rejects(readChanged(record, damage), /its content does not match its checksum/);
});

Deno.test("ZipFile.open() refuses two records of one name", async () => {
  const path = await Deno.makeTempFile();
  try {
    await writeZipFile(path, [{ name: "a", content: [] }, { name: "a", content: text("b") }]);
    await assert.rejects(ZipFile.open(path), /^SyntaxError: .*: it has two files "a"$/);
  } finally {
    await Deno.remove(path);
  }
});

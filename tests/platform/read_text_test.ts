import assert from "node:assert/strict";
import { join } from "@std/path";
import { readJson, readText } from "../../lib/platform/read_text.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

Deno.test("readText() reads UTF-8, with and without a byte order mark", () =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.txt");
    await Deno.writeTextFile(path, "Größe\n");
    assert.equal(await readText(path), "Größe\n");
    await Deno.writeFile(path, Uint8Array.of(0xef, 0xbb, 0xbf, 0x61));
    assert.equal(await readText(path), "a");
  }));

Deno.test("readText() and readJson() refuse what is not UTF-8", () =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, "dataset.json");
    await Deno.writeFile(path, Uint8Array.of(0x22, 0xff, 0x22)); // A string in JSON but for its byte.
    const message = `Cannot read ${path}: it is not UTF-8, expected text`;
    await assert.rejects(readText(path), { message });
    await assert.rejects(readJson(path), { message });
  }));

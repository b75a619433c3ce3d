import assert from "node:assert/strict";
import { join } from "@std/path";
import { writeFileAtomically } from "../../lib/platform/atomic_write.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

Deno.test("writeFileAtomically() writes each piece before it requests the next", () =>
  withTemporaryFolder(async (folder) => {
    function* counted() {
      const memory = new Uint8Array(3);
      for (let piece = 1; piece <= 4; piece++) yield memory.fill(piece);
    }
    await writeFileAtomically(join(folder, "new", "pieces"), counted());
    const written = await Deno.readFile(join(folder, "new", "pieces"));
    assert.deepEqual([...written], [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]);
  }));

Deno.test("writeFileAtomically() keeps the old file if a piece cannot be created", () =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, "file");
    await writeFileAtomically(path, "old");
    function* broken() {
      yield new Uint8Array(3);
      throw new Error("no more");
    }
    await assert.rejects(writeFileAtomically(path, broken()), /Cannot write .*file: no more/);
    assert.equal(await Deno.readTextFile(path), "old");
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["file"]);
  }));

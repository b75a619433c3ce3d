import assert from "node:assert/strict";
import { join } from "@std/path";
import { readCheckpoint, writeCheckpoint } from "../../lib/files/checkpoint_file.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

const golden = decodeURIComponent(new URL("../golden/checkpoint.pth", import.meta.url).pathname);

Deno.test("readCheckpoint() returns what writeCheckpoint() wrote", () =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, "fold_0", "checkpoint_final.pth");
    const checkpoint = await readCheckpoint(golden);
    await writeCheckpoint(path, checkpoint);
    assert.deepEqual(await readCheckpoint(path), checkpoint);
  }));

Deno.test("readCheckpoint() names an unreadable file", () =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, "broken.pth");
    await Deno.writeTextFile(path, "no zip");
    await assert.rejects(
      readCheckpoint(path),
      /Cannot read .*broken\.pth: Cannot read zip archive/,
    );
  }));

Deno.test("writeCheckpoint() keeps the old file if encoding fails", () =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, "checkpoint_latest.pth");
    const checkpoint = await readCheckpoint(golden);
    await writeCheckpoint(path, checkpoint);
    const unfit = { ...checkpoint, networkWeights: new Map() };
    await assert.rejects(writeCheckpoint(path, unfit), /Cannot write .*checkpoint_latest\.pth/);
    assert.deepEqual(await readCheckpoint(path), checkpoint);
  }));

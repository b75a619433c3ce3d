import assert from "node:assert/strict";
import { join } from "@std/path";
import { withWorkFolder } from "../../lib/ensembling/work_folder.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

const namesIn = (folder: string) => Array.from(Deno.readDirSync(folder), ({ name }) => name).sort();

Deno.test("withWorkFolder() removes the folder at the end", () =>
  withTemporaryFolder(async (parent) => {
    const result = await withWorkFolder(parent, async (folder) => {
      await Deno.mkdir(join(folder, "member_0"), { recursive: true });
      await Deno.writeTextFile(join(folder, "member_0", "a"), "");
      return 7;
    });
    assert.equal(result, 7);
    assert.deepEqual(namesIn(parent), []);
  }));

Deno.test("withWorkFolder() keeps what is finished if the work is stopped, and no empty folders", () =>
  withTemporaryFolder(async (parent) => {
    const stopped = (files: readonly string[]) =>
      assert.rejects(
        withWorkFolder(parent, async (folder) => {
          for (const member of ["member_0", "member_1"]) {
            await Deno.mkdir(join(folder, member), { recursive: true });
          }
          for (const file of files) await Deno.writeTextFile(join(folder, file), "");
          throw new RangeError("stopped");
        }),
        /stopped/,
      );
    await stopped([]);
    assert.deepEqual(namesIn(parent), []);
    await stopped(["member_1/a"]);
    assert.deepEqual(namesIn(join(parent, ".unfinished_members")), ["member_1"]);
  }));

Deno.test("withWorkFolder() reports an error before there is a folder", () =>
  withTemporaryFolder(async (parent) => {
    await assert.rejects(withWorkFolder(parent, () => Promise.reject(new Error("early"))), /early/);
  }));

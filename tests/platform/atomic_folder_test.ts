import assert from "node:assert/strict";
import { join } from "@std/path";
import { writeFolderAtomically } from "../../lib/platform/atomic_folder.ts";
import { writeFileAtomically } from "../../lib/platform/atomic_write.ts";
import { onRecovery, type Recovery } from "../../lib/platform/file_messages.ts";
import * as files from "../../lib/platform/files.ts";
import { removeLeftovers } from "../../lib/platform/leftovers.ts";
import { OpenFile } from "../../lib/platform/open_file.ts";
import { ownerToken, thisProcess } from "../../lib/platform/process_owner.ts";
import { killAt } from "./kill_at.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

const reports: Recovery[] = [];
onRecovery((recovery) => reports.push(recovery));

const namesIn = (folder: string) => Array.from(Deno.readDirSync(folder), ({ name }) => name).sort();

const address = (module: string) =>
  JSON.stringify(import.meta.resolve(`../../lib/platform/${module}`));

/** Code that replaces a folder by one with a file "new". @param keepAs Where the old one is kept. */
function replacing(folder: string, keepAs?: string) {
  return `
    import { writeFolderAtomically } from ${address("atomic_folder.ts")};
    import { writeFileAtomically } from ${address("atomic_write.ts")};
    const folder = ${JSON.stringify(folder)};
    await writeFolderAtomically(folder, async (partial) => {
      for (const name of ["a", "b"]) await writeFileAtomically(partial + "/" + name, "new");
    }, { overwrite: true, keepAs: ${JSON.stringify(keepAs)} });
  `;
}

/** Ways to reach a folder's content; each returns the content of its files. */
const accesses: Readonly<Record<string, (parent: string, name: string) => Promise<unknown>>> = {
  "listing the parent": async (parent) => {
    for await (const { name } of files.listFolder(parent)) assert.equal(name, "data");
  },
  "listing the folder": (parent, name) => Array.fromAsync(files.listFolder(join(parent, name))),
  "reading a file": (parent, name) => files.readTextFile(join(parent, name, "a")),
  "opening a file": async (parent, name) => {
    using _ = await OpenFile.read(join(parent, name, "a"));
  },
  "opening a file synchronously": async (parent, name) => {
    using _ = OpenFile.readSync(join(parent, name, "a"));
    await Promise.resolve();
  },
  "asking whether it exists": async (parent, name) => {
    assert.ok(await files.exists(join(parent, name)));
  },
  "asking synchronously whether it exists": async (parent, name) => {
    await Promise.resolve();
    assert.ok(files.existsSync(join(parent, name, "a")));
  },
  "creating it": (parent, name) => files.createFolder(join(parent, name), { recursive: true }),
  "copying a file out": (parent, name) => files.copyFile(join(parent, name, "a"), `${parent}.copy`),
  "writing a file there": (parent, name) => writeFileAtomically(join(parent, name, "c"), "more"),
  "renaming it": async (parent, name) => {
    await files.rename(join(parent, name), join(parent, "moved"));
    await files.rename(join(parent, "moved"), join(parent, name));
  },
};

Deno.test("a folder whose replacement was killed anywhere is the old or the new one", async () => {
  const ways = Object.entries(accesses);
  const seen = new Set<string>();
  for (let n = 1;; n++) {
    let killed = true;
    await withTemporaryFolder(async (parent) => {
      const folder = join(parent, "data");
      await Deno.mkdir(folder);
      for (const name of ["a", "b"]) await Deno.writeTextFile(join(folder, name), "old");
      killed = await killAt(replacing(folder), n);
      const [way, access] = ways[n % ways.length];
      const missing = !namesIn(parent).includes("data");
      await access(parent, "data");
      const contents = ["a", "b"].map((name) => Deno.readTextFileSync(join(folder, name)));
      assert.ok(contents[0] === contents[1], `${way} after a kill at ${n}: ${contents}`);
      seen.add(missing ? `missing, then ${contents[0]}` : contents[0]);

      await writeFolderAtomically(folder, async (partial) => {
        await writeFileAtomically(join(partial, "a"), "third");
      }, { overwrite: true });
      assert.deepEqual(namesIn(parent), ["data"], `left after a kill at ${n}`);
      assert.equal(Deno.readTextFileSync(join(folder, "a")), "third");
      await Deno.remove(`${parent}.copy`).catch(() => {});
    });
    if (!killed) break;
  }
  // The moment without either folder was met.
  assert.deepEqual([...seen].sort(), ["missing, then new", "new", "old"]);
});

Deno.test("a replaced folder is kept wherever the replacement is killed", async () => {
  const seen = new Set<string>();
  for (let n = 1;; n++) {
    let killed = true;
    await withTemporaryFolder(async (parent) => {
      const [folder, kept] = [join(parent, "data"), join(parent, "data_before")];
      await Deno.mkdir(folder);
      await Deno.writeTextFile(join(folder, "a"), "old");
      killed = await killAt(replacing(folder, kept), n);
      const content = await files.readTextFile(join(folder, "a"));
      if (content === "new") assert.equal(Deno.readTextFileSync(join(kept, "a")), "old");
      removeLeftovers(parent);
      assert.deepEqual(namesIn(parent), content === "new" ? ["data", "data_before"] : ["data"]);
      seen.add(content);
    });
    if (!killed) break;
  }
  assert.deepEqual([...seen].sort(), ["new", "old"]);
});

/** Makes a folder as a process leaves it that is killed between moving the old and the new one. */
async function interruptedReplacement(parent: string): Promise<string> {
  const folder = join(parent, "data");
  for (let n = 1;; n++) {
    await Deno.mkdir(folder);
    await Deno.writeTextFile(join(folder, "a"), "old");
    assert.ok(await killAt(replacing(folder), n), "never missing");
    if (!namesIn(parent).includes("data")) return folder;
    for (const name of namesIn(parent)) await Deno.remove(join(parent, name), { recursive: true });
  }
}

Deno.test("every access finishes the replacement of a missing folder, and says so once", async () => {
  await withTemporaryFolder(async (template) => {
    await interruptedReplacement(template);
    for (const [way, access] of Object.entries(accesses)) {
      await withTemporaryFolder(async (parent) => {
        await new Deno.Command("cp", { args: ["-a", `${template}/.`, parent] }).output();
        reports.length = 0;
        await access(parent, "data");
        assert.equal(Deno.readTextFileSync(join(parent, "data", "a")), "new", way);
        assert.deepEqual(reports, [
          { folder: join(parent, "data"), finished: "new" },
          { folder: parent, removed: 1, bytes: 3 },
        ], way);
        assert.deepEqual(namesIn(parent), ["data"], way);
        await Deno.remove(`${parent}.copy`).catch(() => {});
      });
    }
  });
});

Deno.test("the old folder comes back if the new one is gone", () =>
  withTemporaryFolder(async (parent) => {
    const folder = await interruptedReplacement(parent);
    const complete = namesIn(parent).find((name) => name.endsWith(".partial"))!;
    await Deno.remove(join(parent, complete), { recursive: true });
    reports.length = 0;
    assert.equal(await files.readTextFile(join(folder, "a")), "old");
    assert.deepEqual(reports, [{ folder, finished: "old" }]);
  }));

Deno.test("a folder that someone put in place of the missing one stays", () =>
  withTemporaryFolder(async (parent) => {
    const folder = await interruptedReplacement(parent);
    await Deno.mkdir(folder);
    await Deno.writeTextFile(join(folder, "a"), "theirs");
    await Array.fromAsync(files.listFolder(parent));
    removeLeftovers(parent);
    assert.equal(Deno.readTextFileSync(join(folder, "a")), "theirs");
    assert.deepEqual(namesIn(parent), ["data"]);
  }));

Deno.test("markers that lead elsewhere are not believed", () =>
  withTemporaryFolder(async (parent) => {
    const folder = await interruptedReplacement(parent);
    const marker = join(parent, namesIn(parent).find((name) => name.endsWith(".replacing"))!);
    const content = JSON.parse(Deno.readTextFileSync(marker));
    const outside = `${parent}.outside`;
    await Deno.mkdir(outside);
    for (
      const changed of [
        { ...content, complete: `../${outside.split("/").at(-1)}` },
        { ...content, folder: "../data" },
        { ...content, replaced: 3 },
        { ...content, replaced: `../${outside.split("/").at(-1)}` },
        null,
      ]
    ) {
      Deno.writeTextFileSync(marker, JSON.stringify(changed));
      assert.equal(await files.exists(folder), false);
    }
    await Deno.remove(outside);
  }));

Deno.test("writeFolderAtomically() keeps the old folder if filling fails", () =>
  withTemporaryFolder(async (parent) => {
    const folder = join(parent, "data");
    const write = (content: string, options?: { overwrite: boolean }) =>
      writeFolderAtomically(folder, async (partial) => {
        await writeFileAtomically(join(partial, "a"), content);
        if (content === "bad") throw new RangeError("no more");
      }, options);
    await write("old");
    await assert.rejects(write("bad", { overwrite: true }), /no more/);
    await assert.rejects(write("new"), /not empty|exists/);
    assert.equal(Deno.readTextFileSync(join(folder, "a")), "old");
    await write("new", { overwrite: true });
    assert.equal(Deno.readTextFileSync(join(folder, "a")), "new");
    assert.deepEqual(namesIn(parent), ["data"]);
  }));

Deno.test("removeLeftovers() leaves what running processes and other machines write", async () => {
  const self = thisProcess();
  const ended = { ...self, start: self.start + 1 };
  const elsewhere = { ...self, machine: "00000000" };
  const nameOf = (owner: typeof self, kind: string) =>
    `.nnunet-${ownerToken(owner)}-${crypto.randomUUID().slice(0, 8)}.${kind}`;
  const other = { ...self, pid: Deno.ppid, start: 0 };
  const nameElsewhere = nameOf(elsewhere, "partial");
  await withTemporaryFolder(async (folder) => {
    const kept = [
      nameOf(self, "partial"),
      nameOf(other, "partial"),
      nameElsewhere,
      nameOf(ended, "other"),
      ".hidden.partial",
      "a.nii.gz",
    ];
    for (const name of kept) await Deno.writeTextFile(join(folder, name), "kept");
    const old = new Date(Date.now() - 3 * 24 * 3600 * 1000);
    const left = [nameOf(ended, "partial"), nameOf(ended, "replaced")];
    for (const name of left) await Deno.mkdir(join(folder, name, "sub"), { recursive: true });
    for (const name of left) await Deno.writeTextFile(join(folder, name, "sub", "a"), "12345");
    // A copied file is as old as its copy, whatever its own date.
    await Deno.utime(join(folder, nameElsewhere), old, old);
    reports.length = 0;
    removeLeftovers(folder);
    assert.deepEqual(namesIn(folder), kept.sort());
    assert.deepEqual(reports, [{ folder, removed: 2, bytes: 10 }]);

    // Two days later, nothing that another machine writes has changed for a day.
    const now = Date.now;
    Date.now = () => now() + 2 * 24 * 3600 * 1000;
    try {
      removeLeftovers(folder);
    } finally {
      Date.now = now;
    }
    assert.deepEqual(namesIn(folder), kept.toSpliced(kept.indexOf(nameElsewhere), 1));
  });
});

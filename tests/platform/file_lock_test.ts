import assert from "node:assert/strict";
import { join } from "@std/path";
import { acquireLock, LockedError, readLock, STALE_MS } from "../../lib/platform/file_lock.ts";
import { ownerToken, thisProcess } from "../../lib/platform/process_owner.ts";
import { acquireSharedLock } from "../../lib/platform/shared_lock.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

const options = { action: "train fold_0" };

const namesIn = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

/** Another process that tries to take a lock. */
class Contender implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #lines: ReadableStreamDefaultReader<string>;
  #text = "";

  constructor(args: readonly string[], permissions: readonly string[] = ["-A"]) {
    const program = new URL("./lock_process.ts", import.meta.url).pathname;
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-check", ...permissions, program, ...args],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#lines = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** Returns its output up to the line that says how the attempt ended. */
  async result(): Promise<string[]> {
    while (!/^(held|.*Error)$/m.test(this.#text)) {
      const { value, done } = await this.#lines.read();
      if (done) break;
      this.#text += value;
    }
    return this.#text.trim().split("\n");
  }

  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.status;
  }

  async [Symbol.asyncDispose]() {
    await this.#child.stdin.close().catch(() => {});
    while (!(await this.#lines.read()).done);
    await this.#child.status;
  }
}

Deno.test("acquireLock() excludes others of this process until it is released", () =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, ".lock");
    {
      await using lock = await acquireLock(path, options);
      assert.ok(!lock.lost.aborted);
      await assert.rejects(acquireLock(path, options), (error: LockedError) => {
        assert.ok(error instanceof LockedError);
        assert.equal(error.path, path);
        assert.equal(error.holder.pid, Deno.pid);
        assert.match(
          error.message,
          /^Cannot train fold_0: this process has been working on it since /,
        );
        return true;
      });
      assert.deepEqual(namesIn(folder), [".lock"]);
    }
    assert.deepEqual(namesIn(folder), []);
    await using _again = await acquireLock(path, options);
  }));

Deno.test("acquireLock() excludes other processes, and names the holder", () =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, ".lock");
    await using first = new Contender([path]);
    assert.deepEqual(await first.result(), ["held"]);
    await assert.rejects(acquireLock(path, options), (error: LockedError) => {
      assert.match(
        error.message,
        /^Cannot train fold_0: process \d+ on .* has been working on it since .* UTC; wait until it ends, or stop it/,
      );
      assert.notEqual(error.holder.pid, Deno.pid);
      return true;
    });
    await using second = new Contender([path]);
    assert.deepEqual(await second.result(), ["LockedError"]);
  }));

for (
  const [what, permissions] of [
    ["", ["-A"]],
    [", without access to /proc", ["--allow-read", "--allow-write", "--allow-sys"]],
  ] as const
) {
  Deno.test(`acquireLock() takes over the lock of a killed process${what}`, () =>
    withTemporaryFolder(async (folder) => {
      const path = join(folder, ".lock");
      const killed = new Contender([path], permissions);
      assert.deepEqual(await killed.result(), ["held"]);
      {
        await using other = new Contender([path], permissions);
        assert.deepEqual(await other.result(), ["LockedError"]);
      }
      await killed.kill();
      await using next = new Contender([path], permissions);
      assert.deepEqual(await next.result(), ["took over", "held"]);
      assert.deepEqual(namesIn(folder), [".lock"]);
      await killed[Symbol.asyncDispose]();
    }));
}

Deno.test("acquireLock() lets one of several processes take over a stale lock", () =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, ".lock");
    for (let round = 0; round < 3; round++) {
      const killed = new Contender([path]);
      assert.equal((await killed.result()).at(-1), "held");
      await killed.kill();
      const racing = Array.from({ length: 6 }, () => new Contender([path]));
      const results = await Promise.all(racing.map((one) => one.result()));
      assert.deepEqual(results.map((lines) => lines.at(-1)).sort(), [
        ...Array(5).fill("LockedError"),
        "held",
      ]);
      for (const one of [killed, ...racing]) await one[Symbol.asyncDispose]();
      assert.deepEqual(namesIn(folder), []);
    }
  }));

Deno.test("acquireLock() lets one of many attempts in a process take over a stale lock", () =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, ".lock");
    for (let round = 0; round < 30; round++) {
      await writeRecord(path, { token: "stale" });
      await setAge(path, 2 * STALE_MS);
      const attempts = await Promise.allSettled(
        Array.from({ length: 8 }, () => acquireLock(path, options)),
      );
      const held = attempts.filter(({ status }) => status === "fulfilled");
      assert.equal(held.length, 1);
      await (held[0] as PromiseFulfilledResult<AsyncDisposable>).value[Symbol.asyncDispose]();
      assert.deepEqual(namesIn(folder), []);
    }
  }));

/** Writes the lock of another machine. */
async function writeRecord(path: string, record: Record<string, unknown> = {}) {
  const since = "2026-11-30T08:15:00.000Z";
  const other = { host: "node7", pid: 4711, process: "else-1-1", since, token: "t" };
  await Deno.writeTextFile(path, JSON.stringify({ ...other, ...record }));
}

const setAge = (path: string, ms: number) =>
  Deno.utime(path, new Date(), new Date(Date.now() - ms));

Deno.test("acquireLock() takes over another machine's lock only after minutes without a sign of life", () =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, ".lock");
    await writeRecord(path);
    await setAge(path, STALE_MS - 30_000);
    await assert.rejects(acquireLock(path, options), {
      name: "LockedError",
      message:
        "Cannot train fold_0: process 4711 on node7 has been working on it since 2026-11-30 " +
        "08:15:00 UTC; wait until it ends, or stop it; if it has ended already, try again in 3 " +
        `minutes, or delete ${path}`,
    });
    await setAge(path, STALE_MS + 30_000);
    const seen: string[] = [];
    await using _lock = await acquireLock(path, {
      ...options,
      onTakeover: ({ host }) => seen.push(host),
    });
    assert.deepEqual(seen, ["node7"]);
  }));

Deno.test("acquireLock() does not take over from a suspended process of this machine", () =>
  withTemporaryFolder(async (folder) => {
    if (thisProcess().start === 0) return; // The system does not say when processes started.
    const path = join(folder, ".lock");
    await using _lock = await acquireLock(path, options);
    await setAge(path, 10 * STALE_MS);
    await assert.rejects(acquireLock(path, options), LockedError);
  }));

Deno.test("acquireLock() does not take a running process's number for the one of an earlier process", () =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, ".lock");
    const self = thisProcess();
    await writeRecord(path, { pid: self.pid, process: ownerToken({ ...self, start: 1 }) });
    await using _lock = await acquireLock(path, options);
    assert.equal((await readLock(path))!.process, ownerToken(self));
  }));

Deno.test("acquireLock() takes over after a process that was killed while it took over", () =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, ".lock");
    await writeRecord(path, { token: "a" });
    await writeRecord(`${path}.a`, { token: "b" });
    await writeRecord(`${path}.b`, { token: "c" });
    for (const name of [path, `${path}.a`, `${path}.b`]) await setAge(name, 2 * STALE_MS);
    {
      await using _lock = await acquireLock(path, options);
      assert.equal((await readLock(path))!.pid, Deno.pid);
      await assert.rejects(acquireLock(path, options), LockedError);
    }
    await writeRecord(path, { token: "a" });
    await setAge(path, 2 * STALE_MS);
    await writeRecord(`${path}.a`, { token: "b" });
    await assert.rejects(acquireLock(path, options), LockedError, "the last of them still runs");
  }));

Deno.test("acquireLock() treats an unreadable lock as one of an unknown machine", () =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, ".lock");
    await Deno.writeTextFile(path, "");
    await assert.rejects(acquireLock(path, options), LockedError);
    await setAge(path, 2 * STALE_MS);
    await using _lock = await acquireLock(path, options);
  }));

Deno.test("FileLock gives signs of life, and notices that it was taken over", () =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, ".lock");
    const lock = await acquireLock(path, options);
    await setAge(path, STALE_MS);
    await lock.beat();
    const { mtime } = await Deno.stat(path);
    assert.ok(Date.now() - mtime!.getTime() < STALE_MS / 2);
    assert.ok(!lock.lost.aborted);

    await writeRecord(`${path}.new`);
    await Deno.rename(`${path}.new`, path);
    await lock.beat();
    assert.ok(lock.lost.reason instanceof LockedError);
    assert.equal(lock.lost.reason.holder.host, "node7");
    await lock[Symbol.asyncDispose]();
    assert.equal((await readLock(path))!.host, "node7", "the other's lock stays");
  }));

Deno.test("acquireSharedLock() is shared by processes with the same key only", () =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, "new", ".lock");
    {
      await using _mine = await acquireSharedLock(path, { ...options, key: "a" });
      await using same = new Contender([path, "a"]);
      assert.deepEqual(await same.result(), ["held"]);
      await using other = new Contender([path, "b"]);
      assert.deepEqual(await other.result(), ["LockedError"]);
    }
    await using other = new Contender([path, "b"]);
    assert.deepEqual(await other.result(), ["held"]);
  }));

Deno.test("acquireSharedLock() takes over from killed processes", () =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, ".lock");
    const killed = new Contender([path, "a"]);
    assert.deepEqual(await killed.result(), ["held"]);
    await killed.kill();
    await killed[Symbol.asyncDispose]();
    {
      await using next = new Contender([path, "b"]);
      assert.deepEqual(await next.result(), ["took over", "held"]);
    }
    assert.deepEqual(namesIn(folder), []);
  }));

Deno.test("acquireLock() and acquireSharedLock() remove what killed processes left while locking", () =>
  withTemporaryFolder(async (folder) => {
    if (thisProcess().start === 0) return; // The system does not say when processes started.
    const ended = ownerToken({ ...thisProcess(), start: 1 });
    // Empty: it was killed before it wrote its name.
    await Deno.writeTextFile(join(folder, `.nnunet-${ended}-1a2b3c4d.partial`), "");
    {
      await using _lock = await acquireSharedLock(join(folder, ".a"), { ...options, key: "k" });
      assert.deepEqual(namesIn(folder).filter((name) => !name.startsWith(".a.")), []);
    }
    const other = join(folder, "other");
    await Deno.mkdir(other);
    await Deno.writeTextFile(join(other, `.nnunet-${ended}-1a2b3c4d.partial`), "");
    await using _lock = await acquireLock(join(other, ".b"), options);
    assert.deepEqual(namesIn(other), [".b"]);
  }));

Deno.test("acquireLock() names the lock that cannot be written", () =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, "missing", ".lock");
    await assert.rejects(acquireLock(path, options), {
      name: "FileError",
      message: `Cannot write ${path}: its folder does not exist`,
    });
  }));

Deno.test("acquireLock() leaves no lock if it cannot be opened, as where no more files may be open", () =>
  withTemporaryFolder(async (folder) => {
    const { open } = Deno;
    Deno.open = () => Promise.reject(new Error("too many open files"));
    try {
      await assert.rejects(acquireLock(join(folder, "lock"), options), /too many open files/);
      const shared = acquireSharedLock(join(folder, "shared"), { ...options, key: "a" });
      await assert.rejects(shared, /too many open files/);
    } finally {
      Deno.open = open;
    }
    assert.deepEqual(namesIn(folder), []);
  }));

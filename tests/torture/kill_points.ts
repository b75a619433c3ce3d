/**
 * Preloaded into a command (`deno run --preload`): counts the calls that change the file system, and
 * ends the process at a given one. In a write, half of the content is written first.
 *
 * A call that only reads leaves nothing on disk, so a kill before it is the kill before the next
 * change. Workers are started through this module too; all threads of a process count together.
 *
 * - `NNUNET_TORTURE_CALLS`: file that receives a line of {@link LINE} bytes per call.
 * - `NNUNET_TORTURE_AT`: the call to end at, from 1; none by default.
 * - `NNUNET_TORTURE_HOW`: `kill` (SIGKILL), `stop` (SIGTERM), `full` (the disk has no space left
 *   from then on).
 */

const LINE = 160;
const calls = Deno.env.get("NNUNET_TORTURE_CALLS")!;
const at = Number(Deno.env.get("NNUNET_TORTURE_AT") ?? Infinity);
const how = Deno.env.get("NNUNET_TORTURE_HOW") ?? "kill";

const { openSync, writeFile, writeFileSync, kill, pid } = Deno;
const { writeSync: writeToFile, seekSync: seekFile } = Deno.FsFile.prototype;
const record = openSync(calls, { append: true, create: true });

/** Counts a call; returns whether it is the one to end at, or a later one. */
function isReached(name: string, ...args: readonly unknown[]): boolean {
  const paths = args.filter((arg) => typeof arg === "string").map((path) => path.slice(-60));
  const line = [name, ...paths].join(" ").replaceAll("\n", " ");
  const bytes = new Uint8Array(LINE).fill(32);
  new TextEncoder().encodeInto(line, bytes.subarray(0, LINE - 1));
  bytes[LINE - 1] = 10;
  writeToFile.call(record, bytes);
  // Where this thread's line ends, whatever other threads have added since.
  const call = seekFile.call(record, 0, Deno.SeekMode.Current) / LINE;
  return how === "stop" ? call === at : call >= at;
}

/** Ends the process, or fails as on a full disk. */
function end(isGrowing: boolean): void {
  if (how === "kill") {
    kill(pid, "SIGKILL");
    for (;;); // The signal arrives at once, but perhaps in another thread.
  }
  if (how === "stop") kill(pid, "SIGTERM");
  if (how === "full" && isGrowing) {
    throw Object.assign(new Error("No space left on device (os error 28)"), { code: "ENOSPC" });
  }
}

type Call = (...args: unknown[]) => unknown;
const isWriting = (options: unknown) => {
  const { write, append, create, createNew, truncate } = (options ?? {}) as Deno.OpenOptions;
  return write || append || create || createNew || truncate;
};

/** Calls by name, and whether a full disk can refuse them. */
const changes: Record<string, boolean> = {
  create: true,
  open: true,
  mkdir: true,
  makeTempDir: true,
  makeTempFile: true,
  copyFile: true,
  symlink: true,
  link: true,
  rename: false,
  remove: false,
  truncate: false,
  utime: false,
  chmod: false,
};

function replace(owner: object, name: string, call: Call) {
  Object.defineProperty(owner, name, { value: call, configurable: true, writable: true });
}

const deno = Deno as unknown as Record<string, Call>;
for (const [name, isGrowing] of Object.entries(changes)) {
  const before = (args: unknown[]) => {
    if (name === "open" && !isWriting(args[1])) return;
    if (isReached(name, ...args)) end(isGrowing);
  };
  const [original, originalSync] = [deno[name], deno[`${name}Sync`]];
  // deno-lint-ignore require-await -- errors have to be rejections
  replace(Deno, name, async (...args) => {
    before(args);
    return original(...args);
  });
  replace(Deno, `${name}Sync`, (...args) => {
    before(args);
    return originalSync(...args);
  });
}

const halfOf = (bytes: Uint8Array) => bytes.subarray(0, bytes.length >> 1);

// Whole files: before the call, and half-way through it.
const encoded = (content: unknown) =>
  typeof content === "string" ? new TextEncoder().encode(content) : content as Uint8Array;
function beforeWhole(path: string, content: unknown, options: Deno.WriteFileOptions | undefined) {
  if (isReached("write", path)) end(true);
  if (!isReached("half of", path)) return;
  if (how !== "stop") writeFileSync(path, halfOf(encoded(content)), options);
  end(true);
}
for (const name of ["writeFile", "writeTextFile"]) {
  // deno-lint-ignore require-await -- errors have to be rejections
  replace(Deno, name, async (path, content, options) => {
    beforeWhole(path as string, content, options as Deno.WriteFileOptions);
    return writeFile(path as string, encoded(content), options as Deno.WriteFileOptions);
  });
  replace(Deno, `${name}Sync`, (path, content, options) => {
    beforeWhole(path as string, content, options as Deno.WriteFileOptions);
    return writeFileSync(path as string, encoded(content), options as Deno.WriteFileOptions);
  });
}

// Open files.
const file = Deno.FsFile.prototype as unknown as Record<string, Call>;
for (const name of ["write", "writeSync"]) {
  const original = file[name];
  replace(Deno.FsFile.prototype, name, function (this: Deno.FsFile, bytes) {
    if (isReached("half of", "an open file")) {
      if (how !== "stop") writeToFile.call(this, halfOf(bytes as Uint8Array));
      end(true);
    }
    return original.call(this, bytes);
  } as Call);
}
for (const name of ["truncate", "truncateSync"]) {
  const original = file[name];
  replace(Deno.FsFile.prototype, name, function (this: Deno.FsFile, ...args) {
    if (isReached("truncate", "an open file")) end(false);
    return original.call(this, ...args);
  } as Call);
}

const PlainWorker = globalThis.Worker;
globalThis.Worker = class extends PlainWorker {
  constructor(module: string | URL, options?: WorkerOptions) {
    const address = new URL(import.meta.url);
    address.searchParams.set("module", String(module));
    super(address, options);
  }
};
const module = new URL(import.meta.url).searchParams.get("module");
if (module) await import(module);

/**
 * Runs all tests and all examples of docstrings, a folder per process and several processes at once,
 * and prints the output of each when it ends. `deno test --parallel` would run them all in one
 * process, whose environment variables and working directory some tests change. What a process
 * leaves among the temporary files is removed.
 */

import { join } from "@std/path";
import { reasonOf } from "../lib/options/reason_of.ts";

/** Folders that take longest, in this order: they begin first, so that none ends long after all. */
const longest = ["kernels", "trainer", "cli", "notebook", "launch", "torture", "training"];
const examples = ["mod.ts", "lib", "kernels", "data", "README.md"];
const processes = Math.min(4, navigator.hardwareConcurrency);

interface Part {
  readonly name: string;
  readonly arguments: readonly string[];
}

async function parts(): Promise<readonly Part[]> {
  const folders: string[] = [];
  const files: string[] = [];
  for await (const entry of Deno.readDir("tests")) {
    if (entry.isFile && entry.name.endsWith("_test.ts")) files.push(join("tests", entry.name));
    if (entry.isDirectory && await hasTests(join("tests", entry.name))) folders.push(entry.name);
  }
  const place = (folder: string) => (longest.indexOf(folder) + 1) || Infinity;
  folders.sort((a, b) => place(a) === place(b) ? a.localeCompare(b) : place(a) - place(b));
  const [first, rest] = [folders.slice(0, longest.length), folders.slice(longest.length)];
  const ofFolder = (folder: string): Part => ({
    name: `tests/${folder}`,
    arguments: [`tests/${folder}/`],
  });
  return [
    ...first.map(ofFolder),
    { name: "examples", arguments: ["--doc", "--reporter=dot", ...examples] },
    { name: "tests", arguments: files.sort() },
    ...rest.map(ofFolder),
  ];
}

async function hasTests(folder: string): Promise<boolean> {
  for await (const entry of Deno.readDir(folder)) {
    if (entry.isFile && entry.name.endsWith("_test.ts")) return true;
    if (entry.isDirectory && await hasTests(join(folder, entry.name))) return true;
  }
  return false;
}

/** Runs one part and prints what it printed. Returns the errors of its tests, or nothing. */
async function run({ name, arguments: of }: Part): Promise<string | undefined> {
  const start = performance.now();
  const temporary = await Deno.makeTempDir({ prefix: "tests_" });
  // Types are checked by the task beforehand.
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", "--no-check", "--quiet", ...of],
    env: { TMPDIR: temporary },
  }).output();
  await Deno.remove(temporary, { recursive: true }).catch((error) => {
    // A process that outlives its test may still write.
    console.log(`${name}: left ${temporary}: ${reasonOf(error)}`);
  });
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  await write(Deno.stdout, stdout);
  await write(Deno.stderr, stderr);
  console.log(`${name}: ${success ? "passed" : "FAILED"} after ${seconds} s\n`);
  if (success) return undefined;
  // The list that `deno test` prints last; without one (it was killed, a file cannot be read), all.
  const all = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  const errors = all.lastIndexOf(" ERRORS ");
  return `${name}\n${errors < 0 ? all : all.slice(errors)}`;
}

async function write(stream: typeof Deno.stdout, bytes: Uint8Array) {
  for (let from = 0; from < bytes.length;) from += await stream.write(bytes.subarray(from));
}

const waiting = [...await parts()];
const failed: string[] = [];
const drain = async () => {
  for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
    const errors = await run(part);
    if (errors !== undefined) failed.push(errors);
  }
};
await Promise.all(Array.from({ length: processes }, drain));
if (failed.length > 0) {
  // Once more, since much other output stands between.
  console.error(`FAILED:\n\n${failed.join("\n")}`);
  Deno.exit(1);
}

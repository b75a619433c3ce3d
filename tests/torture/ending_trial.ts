/** Ends a command early, looks at what it left, and runs it again. */

import { join } from "@std/path";
import { exists } from "../../lib/platform/files.ts";
import { type FileServer, serveFiles } from "../file_server.ts";
import { comparable, damageOf, withoutDates } from "./file_content.ts";
import { messageFaults } from "./messages.ts";
import { type Ending, type Outcome, runNnunet } from "./run_nnunet.ts";
import { filesOf, type Scenario } from "./scenarios.ts";
import { areEqual, readTree, type Tree, writeTree } from "./trees.ts";

/** Exit code of a command that was stopped by a signal. */
const STOPPED = 75;

/** An unbroken run of a scenario. */
export interface Reference {
  readonly files: Tree;
  /** What has to be equal in other runs, by path without dates. */
  readonly comparable: ReadonlyMap<string, string>;
  /** The calls that changed the file system, in order. */
  readonly calls: readonly string[];
  readonly milliseconds: number;
}

/** Runs a scenario to its end. @throws {Error} If the command fails. */
export async function makeReference(
  scenario: Scenario,
  world: Tree,
  home: string,
): Promise<Reference> {
  const place = await start(scenario, world, home);
  const outcome = await runNnunet(argsOf(scenario, world), { home, count: true });
  if (outcome.code !== 0) {
    throw new Error(`${scenario.name}: the unbroken run failed: ${outcome.text}`);
  }
  const files = readTree(place);
  return {
    files,
    comparable: await comparableOf(files, place),
    calls: outcome.calls,
    milliseconds: outcome.milliseconds,
  };
}

/** Tries one ending. @returns The faults found. */
export async function tryEnding(
  scenario: Scenario,
  ending: Ending,
  { world, home, reference }: { world: Tree; home: string; reference: Reference },
): Promise<string[]> {
  const place = await start(scenario, world, home);
  const before = readTree(place);
  const outcome = await runNnunet(argsOf(scenario, world), { home, ending });
  const after = readTree(place);
  const faults = [
    ...endFaults(outcome, ending),
    ...await leftFaults({ scenario, before, after, reference, place }),
  ];
  if (ending.how !== "kill") {
    const expected = new Set([...before.keys(), ...reference.files.keys()]);
    faults.push(...hiddenFaults(after, expected));
  }

  if (scenario.once) {
    const left = await comparableOf(after, place).catch(() => undefined);
    if (left && differences(reference, left).length === 0) return faults;
  }
  // What has not begun is not resumed: `train --c` would go on with an earlier training.
  const resume = hasBegun(before, after) ? scenario.resume ?? [] : [];
  const again = await runNnunet([...argsOf(scenario, world), ...resume], { home });
  if (again.code !== 0) {
    return [...faults, `the next run failed with code ${again.code}: ${again.text.trim()}`];
  }
  const files = readTree(place);
  const found = await comparableOf(files, place).catch((error) => error as Error);
  if (found instanceof Error) return [...faults, `after the next run: ${found.message}`];
  faults.push(...differences(reference, found));
  for (const { name } of Deno.readDirSync(join(home, "tmp"))) {
    faults.push(`the next run leaves ${name} in the folder for temporary files`);
  }
  return faults;
}

/** Whether a run changed or wrote files other than hidden ones, such as locks. */
function hasBegun(before: Tree, after: Tree): boolean {
  const visible = [...after].filter(([path]) => !isHidden(path));
  return [...before.keys()].some((path) => !after.has(path)) ||
    visible.some(([path, content]) => {
      const old = before.get(path);
      return content === null ? old !== null : !old || !areEqual(content, old);
    });
}

function differences(reference: Reference, found: ReadonlyMap<string, string>): string[] {
  const faults: string[] = [];
  for (const [path, content] of reference.comparable) {
    if (!found.has(path)) faults.push(`after the next run ${path} is missing`);
    else if (found.get(path) !== content) faults.push(`after the next run ${path} differs`);
  }
  const left = [...found.keys()].filter((path) => !reference.comparable.has(path));
  return [...faults, ...topmost(left).map((path) => `the next run leaves ${path}`)];
}

/** Serves files of the world; one server for all trials, whose addresses then stay the same. */
let server: FileServer | undefined;

function argsOf({ command, args, serves }: Scenario, world: Tree): string[] {
  if (serves === undefined) return [command, ...args];
  server ??= serveFiles();
  server.files.set(serves, { content: world.get(serves)!, tag: '"world"' });
  const address = server.address + serves;
  return [command, ...args.map((arg) => arg.replace("{server}", address))];
}

async function start(scenario: Scenario, world: Tree, home: string): Promise<string> {
  await Deno.remove(home, { recursive: true }).catch(() => {});
  const place = join(home, "work");
  writeTree(place, filesOf(scenario, world));
  return place;
}

async function comparableOf(files: Tree, place: string): Promise<Map<string, string>> {
  const result = new Map<string, string>();
  for (const [path, content] of files) {
    result.set(
      withoutDates(path),
      content === null ? "folder" : await comparable(path, content, place),
    );
  }
  return result;
}

function endFaults({ code, signal, text, timedOut }: Outcome, { how }: Ending): string[] {
  if (timedOut) return ["it did not end"];
  if (code === 0 || (how === "kill" && signal === "SIGKILL")) return [];
  if (how === "stop" && code === STOPPED) return messageFaults(text);
  if (how === "full" && code === 1) {
    const names = /disk is full/.test(text)
      ? []
      : [`the message does not tell that the disk is full: ${text.trim()}`];
    return [...messageFaults(text).map((fault) => `${fault}: ${text.trim()}`), ...names];
  }
  return [`it ended with code ${code}, ${signal ?? "no signal"}: ${text.trim()}`];
}

const isHidden = (path: string) => path.split("/").some((name) => name.startsWith("."));

/** Finished cases of results that are put in place when all are there. */
const isResumed = /\/\.unfinished_[^/]+(\/|$)/;

/** Hidden files that were not there before, and that an unbroken run does not write. */
function hiddenFaults(after: Tree, expected: ReadonlySet<string>): string[] {
  const hidden = [...after.keys()].filter((path) =>
    isHidden(path) && !expected.has(path) && !isResumed.test(path)
  );
  return topmost(hidden).map((path) => `it left ${path}`);
}

/** Omits the content of folders that are listed themselves. */
const topmost = (paths: readonly string[]) =>
  paths.filter((path) => !paths.some((other) => path.startsWith(`${other}/`)));

/** What a killed process left under final names is old, new or whole; nothing old is lost. */
async function leftFaults(
  { scenario: { evolving }, before, after, reference, place }: {
    scenario: Scenario;
    before: Tree;
    after: Tree;
    reference: Reference;
    place: string;
  },
): Promise<string[]> {
  const faults: string[] = [];
  for (const [path, content] of after) {
    if (content === null || isHidden(path)) continue;
    const old = before.get(path);
    if (old && areEqual(content, old)) continue;
    const damage = isPartOfUnfinished(path, after) ? undefined : await damageOf(path, content);
    if (damage !== undefined) faults.push(`it left ${path} damaged: ${damage}`);
    else if (!evolving?.test(path)) {
      const expected = reference.comparable.get(withoutDates(path));
      if (expected === undefined) faults.push(`it left ${path}, which no unbroken run writes`);
      else if (expected !== await comparable(path, content, place)) {
        faults.push(`it left ${path} neither old nor new`);
      }
    }
  }
  const moved = new Set([...after.keys()].filter((path) => !isHidden(path)).map(baseName));
  const missing = [...before.keys()].filter((path) =>
    !after.has(path) && !evolving?.test(path) && reference.files.has(path) &&
    !moved.has(baseName(path))
  );
  return [...faults, ...await accessFaults(topmost(missing), after, { before, reference, place })];
}

/** The next access to a folder finds the old or the new one, although it is missing now. */
async function accessFaults(
  missing: readonly string[],
  after: Tree,
  { before, reference, place }: { before: Tree; reference: Reference; place: string },
): Promise<string[]> {
  if (missing.length === 0) return [];
  const copy = `${place}_accessed`;
  writeTree(copy, after);
  const faults: string[] = [];
  for (const path of missing) {
    if (!await exists(join(copy, path))) faults.push(`it left neither old nor new ${path}`);
  }
  const accessed = await comparableOf(readTree(copy), copy);
  const [old, latest] = [await comparableOf(before, place), reference.comparable];
  for (const path of missing) {
    const isAs = (tree: ReadonlyMap<string, string>) =>
      [...tree].every(([each, content]) =>
        !each.startsWith(`${withoutDates(path)}/`) || accessed.get(each) === content
      );
    if (!isAs(old) && !isAs(latest)) faults.push(`the next access finds half of ${path}`);
  }
  return faults;
}

const baseName = (path: string) => path.slice(path.lastIndexOf("/") + 1);

/** A preprocessed case without its JSON file does not count as one, so its arrays may be partial. */
function isPartOfUnfinished(path: string, after: Tree): boolean {
  const [, folder] = /^(.*\/[^/]+)\.(?:image\.zarr|labels\.zarr|locations\.i32)/.exec(path) ?? [];
  return folder !== undefined && !after.has(`${folder}.json`);
}

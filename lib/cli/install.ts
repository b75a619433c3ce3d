/**
 * Installs the command `nnunet`, so that it can be typed in any folder.
 *
 * ```sh
 * deno task install                            # in a clone
 * deno run -A jsr:@nnunet/nnunet/install       # from a package
 * ```
 *
 * `--dir` chooses the folder of the command, `--uninstall` removes it.
 *
 * @module
 */

import { Command, CommanderError } from "../packages/commander.ts";
import { dirname, join, resolve } from "../platform/paths.ts";
import { describeOrigin, startArguments } from "../launch/start_arguments.ts";
import { launcherName, launcherText } from "./launcher.ts";
import {
  commandOnPath,
  defaultFolder,
  homeOf,
  isOnPath,
  pathCommand,
  startedBy,
} from "./launcher_folder.ts";
import { type Origin, ownOrigin } from "../launch/origin.ts";
import { printError, printLine } from "./terminal.ts";
import { expandHomes, returnToUsersFolder } from "./user_paths.ts";
import { version } from "../launch/version.ts";

interface Options {
  dir?: string;
  force: boolean;
  uninstall: boolean;
}

const { os } = Deno.build;

const program = new Command("install")
  .description("Installs the command nnunet, so that it can be typed in any folder.")
  .exitOverride()
  .option(
    "--dir <dir>",
    "folder of the command; by default that of `deno install -g`, or ~/.local/bin if only that is " +
      "on the PATH",
  )
  .option("--force", "replace another program named nnunet", false)
  .option("--uninstall", "remove the command", false)
  .action(async (options: Options) => {
    const variables = Deno.env.toObject();
    if (options.uninstall) {
      // One that was installed elsewhere is found by its name.
      const found = await commandOnPath(variables, os);
      const folders = options.dir === undefined
        ? [defaultFolder(variables, os), ...found === undefined ? [] : [dirname(found)]]
        : [resolve(options.dir)];
      await uninstall(folders.map((folder) => join(folder, launcherName(os))));
    } else {
      const folder = options.dir === undefined
        ? defaultFolder(variables, os)
        : resolve(options.dir);
      await install(folder, options.force);
      await advise(folder);
    }
  });

/** Writes the command into a folder. */
async function install(folder: string, force: boolean): Promise<void> {
  const path = join(folder, launcherName(os));
  const before = await startedBy(path);
  if (before === null && !force) {
    throw new Error(`Cannot install ${path}: another program; add --force to replace it`);
  }
  const origin = ownOrigin();
  const args = await tryProgram(origin);
  const text = launcherText({
    deno: Deno.execPath(),
    args,
    origin: describeOrigin(origin),
    home: homeOf(Deno.env.toObject(), os),
  }, os);
  await Deno.mkdir(folder, { recursive: true });
  await removeIfThere(path); // Writing would follow a link.
  await Deno.writeTextFile(path, text, { mode: 0o755 });
  printLine(`Installed nnunet ${version} as ${path}`);
  printLine(`It starts ${describeOrigin(origin)} with ${Deno.execPath()}`);
  if (before !== undefined) {
    printLine(
      `It replaces ${before === null ? "another program" : `the one that started ${before}`}`,
    );
  }
}

/**
 * Runs the program once, which also downloads the packages that it needs.
 *
 * @returns The arguments with which Deno runs it.
 */
async function tryProgram(origin: Origin): Promise<string[]> {
  if (origin.kind !== "clone") printLine(`Starting ${describeOrigin(origin)} for the first time`);
  const args = startArguments(origin);
  const errors = await errorsOf(args);
  if (errors === undefined) return args;
  // Deno refuses packages of npm that are younger than a day, unless it is asked not to. That the
  // installer of the same package runs means that it was asked.
  const ofAnyAge = args.toSpliced(1, 0, "--min-dep-age=0");
  const refused = errors.includes("minimum dependency");
  if (refused && await errorsOf(ofAnyAge) === undefined) return ofAnyAge;
  throw new Error(`Cannot install nnunet, since it does not start:\n${errors}`);
}

/** Runs `nnunet --version`. @returns What it printed if it failed. */
async function errorsOf(args: readonly string[]): Promise<string | undefined> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args, "--version"],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  return success ? undefined : new TextDecoder().decode(stderr).trim();
}

/** Says what is missing before the command can be typed. */
async function advise(folder: string): Promise<void> {
  const variables = Deno.env.toObject();
  if (!isOnPath(folder, variables, os)) {
    const shell = os === "windows" ? "PowerShell" : "a terminal";
    printLine(`\n${folder} is not on the PATH. Type this in ${shell}, and open a new one:\n`);
    printLine(`  ${pathCommand(folder, variables, os)}`);
    return;
  }
  const first = await commandOnPath(variables, os);
  if (first !== undefined && resolve(dirname(first)) !== folder) {
    printLine(`\nAnother nnunet comes first on the PATH: ${first}`);
  } else printLine("Try: nnunet --help");
}

/** Removes launchers, and nothing else. */
async function uninstall(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const started = await startedBy(path);
    if (started === undefined) continue;
    if (started === null) throw new Error(`Cannot remove ${path}: it is another program`);
    await Deno.remove(path);
    printLine(`Removed ${path}, which started ${started}`);
    return;
  }
  printLine(`nnunet is not installed in ${paths.map((path) => dirname(path)).join(" or ")}`);
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

if (import.meta.main) {
  try {
    returnToUsersFolder();
    await program.parseAsync(expandHomes(Deno.args), { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) Deno.exit(error.exitCode === 0 ? 0 : 2);
    printError((error as Error).message);
    Deno.exit(1);
  }
}

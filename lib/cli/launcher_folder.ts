/** The folder of launchers, and how to put it on the PATH. */

import { join, resolve } from "../platform/paths.ts";
import { launcherName, launcherOrigin, type System } from "./launcher.ts";

/** Environment variables. */
export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Returns the folder for a launcher: that of `deno install -g`, unless only `~/.local/bin` of the two
 * is on the PATH.
 *
 * @throws {Error} If the system does not say where the user's home is.
 */
export function defaultFolder(variables: Variables, os: System): string {
  const { DENO_INSTALL_ROOT } = variables;
  if (DENO_INSTALL_ROOT) return resolve(DENO_INSTALL_ROOT, "bin");
  const home = homeOf(variables, os);
  if (!home) throw new Error("Cannot find the home folder; pass --dir DIR");
  const ofDeno = join(home, ".deno", "bin");
  if (os === "windows" || isOnPath(ofDeno, variables, os)) return ofDeno;
  const ofUser = join(home, ".local", "bin");
  return isOnPath(ofUser, variables, os) ? ofUser : ofDeno;
}

/** Returns the user's home folder; undefined if the system does not say. */
export function homeOf({ HOME, USERPROFILE }: Variables, os: System): string | undefined {
  return (os === "windows" ? USERPROFILE || HOME : HOME) || undefined;
}

/** Whether the shell looks for commands in a folder. */
export function isOnPath(folder: string, variables: Variables, os: System): boolean {
  return pathFolders(variables, os).some((entry) => resolve(entry) === resolve(folder));
}

function pathFolders(variables: Variables, os: System): string[] {
  const path = variables.PATH ?? variables.Path ?? "";
  return path.split(os === "windows" ? ";" : ":").filter((entry) => entry !== "");
}

/** Returns the path of the command that the shell runs for `nnunet`; undefined if there is none. */
export async function commandOnPath(
  variables: Variables,
  os: System,
): Promise<string | undefined> {
  for (const folder of pathFolders(variables, os)) {
    const path = join(folder, launcherName(os));
    const isFile = await Deno.stat(path).then((info) => info.isFile, () => false);
    if (isFile) return path;
  }
}

/**
 * Returns what the file at a path starts: undefined if there is no file, null if it is not a launcher.
 */
export async function startedBy(path: string): Promise<string | null | undefined> {
  try {
    return launcherOrigin(await Deno.readTextFile(path)) ?? null;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Returns the command that puts a folder on the PATH of new terminals. */
export function pathCommand(folder: string, variables: Variables, os: System): string {
  if (os === "windows") {
    const user = `[Environment]::GetEnvironmentVariable("Path", "User")`;
    const path = folder.replaceAll("'", "''");
    return `[Environment]::SetEnvironmentVariable("Path", '${path};' + ${user}, "User")`;
  }
  const shell = variables.SHELL?.split("/").at(-1);
  const quoted = `"${folder.replace(/["$\\`]/g, "\\$&")}"`;
  if (shell === "fish") return `fish_add_path ${quoted}`;
  const startFile = shell === "zsh"
    ? "~/.zshrc"
    : shell !== "bash"
    ? "~/.profile"
    : os === "darwin"
    ? "~/.bash_profile"
    : "~/.bashrc";
  return `echo 'export PATH=${
    quoted.replaceAll("'", "'\\''").replace(/"$/, ':$PATH"')
  }' >> ${startFile}`;
}

/** Resolves paths as users mean them: from the folder they are in, with `~` for their home. */

import { resolve } from "../platform/paths.ts";
import { fileURLToPath } from "node:url";

/** Returns the user's home folder; undefined if the system does not say. */
function homeFolder(): string | undefined {
  return Deno.env.get("HOME") || Deno.env.get("USERPROFILE");
}

/**
 * Replaces `~` at the beginning of a path by the user's home folder. Shells do so only at the
 * beginning of a word that is not quoted, so neither in `--root=~/data` nor in variables of Docker.
 *
 * @param path A path; others than `~` and `~/…` are returned unchanged.
 * @param home The home folder; by default the user's.
 */
export function expandHome(path: string, home: string | undefined = homeFolder()): string {
  return home && /^~(?=$|[/\\])/.test(path) ? home + path.slice(1) : path;
}

/** Replaces `~` as {@link expandHome} does in arguments, and in values after `--OPTION=`. */
export function expandHomes(args: readonly string[], home?: string): string[] {
  return args.map((arg) => {
    const [, option = "", value = arg] = /^(-{1,2}[\w-]+=)(.*)$/s.exec(arg) ?? [];
    return option + expandHome(value, home);
  });
}

/**
 * Goes back to the folder in which the user called `deno task`, which runs tasks in the folder of
 * its configuration, so that relative paths mean what the user meant.
 */
export function returnToUsersFolder(): void {
  const start = Deno.env.get("INIT_CWD");
  if (!Deno.mainModule.startsWith("file:")) return; // A package is no task's folder.
  const packageFolder = resolve(fileURLToPath(Deno.mainModule), "../../..");
  // A program that a task started may have gone elsewhere; then the variable says nothing.
  if (!start || resolve(Deno.cwd()) !== packageFolder) return;
  try {
    Deno.chdir(start);
  } catch {
    // The folder is gone; paths are then relative to where the task runs.
  }
}

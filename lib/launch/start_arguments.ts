/** The arguments with which Deno runs the command line, wherever the user stands. */

import { shellQuoted } from "../options/shell_quoted.ts";
import { denoPath, machine } from "../platform/machine.ts";
import { join } from "../platform/paths.ts";
import type { Origin } from "./origin.ts";

/** Those of the task `nnunet`. */
export const permissions = ["-R", "-W", "-E", "-S", "--allow-ffi", "--allow-run", "--deny-net"];

/** Returns the arguments of Deno, to which those of `nnunet` are added. */
export function startArguments(origin: Origin): string[] {
  return ["run", ...permissions, ...programOf(origin)];
}

/**
 * Returns the module to run and the configuration it needs. Without an option, Deno would use that of
 * the folder in which the user stands for modules that are not in a folder of their own.
 */
function programOf(origin: Origin): string[] {
  switch (origin.kind) {
    case "clone":
      return [
        ...["--config", join(origin.folder, "deno.json")],
        join(origin.folder, "lib", "cli", "main.ts"),
      ];
    case "package":
      return ["--no-config", `${origin.name}@${origin.version}/cli`];
    case "address":
      return ["--no-config", `${origin.address}lib/cli/main.ts`];
  }
}

/** Describes an origin, as the subject of a message. */
export function describeOrigin(origin: Origin): string {
  switch (origin.kind) {
    case "clone":
      return origin.folder.replace(/(?<=.)[/\\]$/, "");
    case "package":
      return `${origin.name}@${origin.version}`;
    case "address":
      return origin.address;
  }
}

/** Returns the words that start `nnunet`, wherever it is installed. */
export function startCommand(origin: Origin): string[] {
  return [denoPath(), ...startArguments(origin)];
}

/** Quotes a path or an argument that is shown to be typed, if shells would split it. */
export function quotedForShell(text: string): string {
  if (machine.os !== "windows") return shellQuoted(text);
  return /^[\w@%+=:,.\\/-]+$/.test(text) ? text : `"${text}"`;
}

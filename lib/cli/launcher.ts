/** The script that starts `nnunet`: for a shell, or for Windows. */

import { largePages } from "../launch/large_pages.ts";
import { shellLine, shellQuoted } from "../options/shell_quoted.ts";

/** Systems, as Deno names them. */
export type System = typeof Deno.build.os;

/** What a launcher starts. */
export interface Launch {
  /** Path of Deno. If it no longer exists, the launcher runs the `deno` on the PATH. */
  readonly deno: string;
  /** Arguments of Deno. */
  readonly args: readonly string[];
  /** Where the program comes from, as launchers say it in their second line. */
  readonly origin: string;
  /** The user's home folder, which launchers for Windows write as a variable. */
  readonly home?: string;
}

/** Returns a launcher's file name. */
export function launcherName(os: System): string {
  return os === "windows" ? "nnunet.cmd" : "nnunet";
}

/** Returns the text of a launcher. */
export function launcherText(launch: Launch, os: System): string {
  return os === "windows" ? windowsText(launch) : shellText(launch, os);
}

/** Returns what a launcher starts, as it says itself; undefined if the text is not a launcher's. */
export function launcherOrigin(text: string): string | undefined {
  return /^(?:#|rem) Starts nnunet of (.*)$/m.exec(text)?.[1].trimEnd();
}

/** What a launcher prints if there is no Deno. */
const noDeno = "nnunet: Deno is not on the PATH; install it as https://deno.com says";

function shellText({ deno, args, origin }: Launch, os: System): string {
  const { name, value } = largePages;
  return [
    "#!/bin/sh",
    `# Starts nnunet of ${origin}`,
    `deno=${shellQuoted(deno)}`,
    '[ -x "$deno" ] || deno=$(command -v deno) || {',
    `  echo ${shellQuoted(noDeno)} >&2`,
    "  exit 127",
    "}",
    ...os === "linux" ? [`export ${name}="\${${name}-${value}}"`] : [],
    "export NNUNET_COMMAND=nnunet",
    `exec "$deno" ${shellLine(args)} "$@"`,
    "",
  ].join("\n");
}

function windowsText({ deno, args, origin, home }: Launch): string {
  const quoted = (text: string) => windowsQuoted(text, home);
  const lines = [
    "@echo off",
    `rem Starts nnunet of ${origin}`,
    "setlocal",
    `set "deno=${windowsPath(deno, home)}"`,
    'if not exist "%deno%" set "deno=deno"',
    "set NNUNET_COMMAND=nnunet",
    `"%deno%" ${args.map(quoted).join(" ")} %*`,
  ];
  // The command processor reads scripts in the console's code page.
  if (/[^ -~]/.test(lines.slice(2).join(""))) lines.splice(1, 0, "chcp 65001 >nul");
  return [...lines, ""].join("\r\n");
}

function windowsQuoted(text: string, home: string | undefined): string {
  const path = windowsPath(text, home);
  return /^[\w@+=:,./\\-]+$/.test(path) ? path : `"${path}"`;
}

/** Writes the home folder as a variable, since its name often has letters beyond ASCII. */
function windowsPath(path: string, home: string | undefined): string {
  const rest = home && path.startsWith(`${home}\\`) ? path.slice(home.length) : undefined;
  const escaped = (rest ?? path).replaceAll("%", "%%");
  return rest === undefined ? escaped : `%USERPROFILE%${escaped}`;
}

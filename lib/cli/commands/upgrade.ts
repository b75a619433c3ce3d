/** `upgrade`: says how to get a newer version. */

import type { Command } from "../../packages/commander.ts";
import { dirname, join } from "../../platform/paths.ts";
import { describeOrigin, quotedForShell } from "../../launch/start_arguments.ts";
import { commandOnPath, defaultFolder, startedBy, type Variables } from "../launcher_folder.ts";
import { type Origin, ownOrigin } from "../../launch/origin.ts";
import { printLine } from "../terminal.ts";
import { version } from "../../launch/version.ts";

export function addUpgrade(program: Command): void {
  program.command("upgrade")
    .description("Print the running version and the command that upgrades it.")
    .action(async () => {
      const origin = ownOrigin();
      printLine(`nnunet ${version} runs from ${describeOrigin(origin)}. To upgrade it:\n`);
      printLine(await howToUpgrade(origin, Deno.env.toObject()));
    });
}

/** Returns what to do or to type for a newer version of a program that was loaded from `origin`. */
export async function howToUpgrade(origin: Origin, variables: Variables): Promise<string> {
  switch (origin.kind) {
    case "clone": {
      const folder = describeOrigin(origin);
      const isClone = await Deno.stat(join(folder, ".git")).then(() => true, () => false);
      return isClone
        ? `  git -C ${quotedForShell(folder)} pull`
        : `Replace the files in ${folder} by those of the newer version.`;
    }
    case "package": {
      const { name } = origin;
      return `  deno run -A --no-config --reload=${name} ${name}/install${await otherFolder(
        variables,
      )}`;
    }
    case "address":
      return "Type the command with which you installed it, with the address of the newer version.";
  }
}

/** Returns the option that names the launcher's folder, if it is not the default. */
async function otherFolder(variables: Variables): Promise<string> {
  const { os } = Deno.build;
  const path = await commandOnPath(variables, os);
  if (path === undefined || typeof await startedBy(path) !== "string") return "";
  const folder = dirname(path);
  return folder === defaultFolder(variables, os) ? "" : ` --dir ${quotedForShell(folder)}`;
}

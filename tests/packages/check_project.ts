/** Checks one way to import the library in a project and in a notebook of a user. */

import assert from "node:assert/strict";
import { dirname, join } from "@std/path";
import { checkInstalledCommand } from "../cli/installed_command.ts";
import { checkPlainKernel } from "../kernels/plain_kernel.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { run } from "./run.ts";
import type { Source } from "./sources.ts";
import { timed } from "./timed.ts";

/** A version that was published today is refused by default. */
const config = JSON.stringify({ minimumDependencyAge: 0 });

/**
 * From an empty folder: checks types and documentation, runs the tutorial for two epochs, imports
 * the library cold and warm, looks for devices, installs and uses the command `nnunet`, and trains
 * and shows figures in an ordinary Deno kernel.
 */
export async function checkProject(name: string, prepare: () => Promise<Source>): Promise<void> {
  await using source = await timed(`${name}: preparing`, prepare);
  await withTemporaryFolder(async (folder) => {
    const deno = (...args: string[]) =>
      run(Deno.execPath(), args, { cwd: folder, env: source.variables });
    await Deno.writeTextFile(join(folder, "deno.json"), config);
    const nnunet = source.specifier("");
    await Deno.writeTextFile(
      join(folder, "typed.ts"),
      `import { Planner, type Plans } from ${JSON.stringify(nnunet)};
       export const plans = (planner: Planner): Promise<Plans> => planner.plan({} as never);
       // @ts-expect-error The library has types.
       export const wrong: number = new Planner();`,
    );
    await timed(`${name}: first import, types checked`, () => deno("check", "typed.ts"));
    const documented = await deno("doc", "--json", nnunet).catch(() => "");
    if (name !== "npm") assert.match(documented, /Planner/); // `deno doc` does not read npm's packages.
    await Deno.writeTextFile(join(folder, "import.ts"), `import ${JSON.stringify(nnunet)};`);
    await deno("run", "-A", "import.ts");
    await timed(`${name}: import, warm`, () => deno("run", "-A", "import.ts"));

    const tutorial = ["run", "-A", source.specifier("tutorial"), "--cases", "5"];
    const printed = await timed(
      `${name}: the tutorial, two epochs`,
      () => deno(...tutorial, "--epochs", "2", "--iterations", "4"),
    );
    assert.match(printed, /mean foreground Dice: 0\.\d+/);
    const devices = await deno("run", "-A", source.specifier("cli"), "devices");
    assert.match(devices, /^cpu +\d+ processors/m);
    assert.doesNotMatch(devices, /unknown|referrer|not a dependency/);
    const installer = ["run", "-A", "--no-config", "--min-dep-age=0", source.specifier("install")];
    const origin = name === "path" ? dirname(nnunet) : nnunet;
    await timed(
      `${name}: the command nnunet`,
      () => checkInstalledCommand(installer, origin, source.variables),
    );
    await timed(
      `${name}: an ordinary Deno kernel`,
      () =>
        checkPlainKernel({ nnunet, notebook: source.specifier("notebook") }, {
          variables: { ...source.variables },
          config,
        }),
    );
  });
}

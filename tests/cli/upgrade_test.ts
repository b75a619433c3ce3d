import assert from "node:assert/strict";
import { delimiter } from "node:path";
import { join } from "@std/path";
import { howToUpgrade } from "../../lib/cli/commands/upgrade.ts";
import { launcherName, launcherText } from "../../lib/cli/launcher.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

const { os } = Deno.build;

Deno.test("nnunet upgrade names the command for a clone, and none for files without git", async () => {
  await withTemporaryFolder(async (folder) => {
    const clone = { kind: "clone", folder: `${folder}/` } as const;
    assert.match(await howToUpgrade(clone, {}), /^Replace the files in .* by those of the newer/);
    await Deno.mkdir(join(folder, ".git"));
    assert.equal(await howToUpgrade(clone, {}), `  git -C ${folder} pull`);
  });
});

Deno.test("nnunet upgrade names the installer of a package, and a folder that is not the default", async () => {
  await withTemporaryFolder(async (home) => {
    const origin = { kind: "package", name: "jsr:@any/nnunet", version: "1.2.3" } as const;
    const variables = (folder: string) => ({
      HOME: home,
      USERPROFILE: home,
      PATH: `/nowhere${delimiter}${folder}`,
    });
    const install = async (folder: string) => {
      await Deno.mkdir(folder, { recursive: true });
      const text = launcherText({ deno: "deno", args: [], origin: "x" }, os);
      await Deno.writeTextFile(join(folder, launcherName(os)), text);
      return variables(folder);
    };
    const command = "  deno run -A --no-config --reload=jsr:@any/nnunet jsr:@any/nnunet/install";
    assert.equal(await howToUpgrade(origin, variables("/nowhere")), command);
    const usual = await install(join(home, ".deno", "bin"));
    assert.equal(await howToUpgrade(origin, usual), command);
    const other = await install(join(home, "my bin"));
    assert.equal(await howToUpgrade(origin, other), `${command} --dir '${join(home, "my bin")}'`);
  });
});

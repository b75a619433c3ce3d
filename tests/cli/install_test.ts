import assert from "node:assert/strict";
import { join } from "@std/path";
import { fileURLToPath } from "node:url";
import config from "../../deno.json" with { type: "json" };
import { launcherName } from "../../lib/cli/launcher.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { writeTinyScans } from "../tiny_scans.ts";
import { checkInstalledCommand, User } from "./installed_command.ts";

const project = fileURLToPath(new URL("../../", import.meta.url));
const { version } = config;
const { os } = Deno.build;

/** Arguments of Deno for the task in the clone. */
const task = ["task", "--quiet", "--config", join(project, "deno.json"), "install"];

Deno.test("deno task install makes nnunet a command of any folder, until it is uninstalled", async () => {
  await checkInstalledCommand(task, project.slice(0, -1));
});

Deno.test("deno task install --dir replaces other programs only with --force", async () => {
  await withTemporaryFolder(async (root) => {
    const user = new User(root);
    const bin = join(user.folder, "bin");
    const path = join(bin, launcherName(os));
    await Deno.mkdir(bin);
    await Deno.writeTextFile(path, "#!/bin/sh\necho other\n", { mode: 0o755 });
    user.addToPath(bin);

    const refused = await user.deno(...task, "--dir", "bin");
    assert.equal(refused.code, 1);
    assert.match(refused.err, /^Cannot install .*: another program; add --force to replace it$/m);
    const kept = await user.deno(...task, "--dir", "bin", "--uninstall");
    assert.equal(kept.code, 1);
    assert.match(kept.err, /^Cannot remove .*: it is another program$/m);

    const shadowed = await user.deno(...task);
    assert.ok(shadowed.out.includes(`${user.bin} is not on the PATH`));
    const forced = await user.deno(...task, "--dir", "bin", "--force");
    assert.match(forced.out, /^It replaces another program\nTry: nnunet --help\n$/m);
    assert.equal(await user.output("nnunet", "--version"), `nnunet ${version}\n`);

    // One that was installed elsewhere is removed by its place on the PATH, after the default.
    for (const removed of [user.bin, bin]) {
      const { out } = await user.deno(...task, "--uninstall");
      assert.ok(out.startsWith(`Removed ${join(removed, launcherName(os))}, which started `), out);
    }
  });
});

Deno.test("deno task install rejects unknown options", async () => {
  await withTemporaryFolder(async (root) => {
    const { code, err } = await new User(root).deno(...task, "--fast");
    assert.equal(code, 2);
    assert.match(err, /^error: unknown option '--fast'$/m);
  });
});

Deno.test("deno install -g installs the command line, too", async () => {
  await withTemporaryFolder(async (root) => {
    const user = new User(root);
    await user.output(
      Deno.execPath(),
      ...["install", "--global", "--quiet", "--allow-all", "--name", "nnunet"],
      join(project, "lib", "cli", "main.ts"),
    );
    user.addToPath(user.bin);
    assert.equal(await user.output("nnunet", "--version"), `nnunet ${version}\n`);
    await writeTinyScans(user.folder);
    const places = ["--images", "input", "--labels", "ground_truth", "--root", "nnunet"];
    await user.output("nnunet", "create_dataset", "-d", "1", "-n", "Tiny", ...places);
    await Deno.stat(join(user.folder, "nnunet", "nnUNet_raw", "Dataset001_Tiny"));
  });
});

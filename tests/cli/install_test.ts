/** Installs the command as a user does, and uses it in an empty folder. */

import assert from "node:assert/strict";
import { delimiter } from "node:path";
import { join } from "@std/path";
import { fileURLToPath } from "node:url";
import config from "../../deno.json" with { type: "json" };
import { launcherName } from "../../lib/cli/launcher.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { writeTinyScans } from "../tiny_scans.ts";

const project = fileURLToPath(new URL("../../", import.meta.url));
const { version } = config;
const { os } = Deno.build;

/** The variables of this process, without those of a task that runs it and of a user's folders. */
const variables = Object.fromEntries(
  Object.entries(Deno.env.toObject()).filter(([name]) =>
    !/^(INIT_CWD|DENO_INSTALL_ROOT|NNUNET_COMMAND|nnUNet_.*)$/.test(name)
  ),
);

/** Where Deno keeps what it downloaded, which depends on the home folder. */
const denoFolder = JSON.parse(
  new TextDecoder().decode(
    (await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output()).stdout,
  ),
).denoDir;

/** A user with a home and a folder to work in. */
class User {
  readonly folder: string;
  readonly #home: string;
  #path = Deno.env.get("PATH") ?? "";

  constructor(root: string) {
    this.#home = join(root, "home");
    this.folder = join(root, "work");
    for (const folder of [this.#home, this.folder]) Deno.mkdirSync(folder);
  }

  get bin(): string {
    return join(this.#home, ".deno", "bin");
  }

  addToPath(folder: string): void {
    this.#path = folder + delimiter + this.#path;
  }

  /** Runs a program in the folder. */
  async run(program: string, ...args: readonly string[]) {
    // Windows finds scripts only through its command processor.
    const [command, ...before] = os === "windows" ? ["cmd", "/c", program] : [program];
    const { code, stdout, stderr } = await new Deno.Command(command, {
      args: [...before, ...args],
      cwd: this.folder,
      clearEnv: true,
      env: {
        ...variables,
        HOME: this.#home,
        USERPROFILE: this.#home,
        PATH: this.#path,
        SHELL: "/bin/bash",
        DENO_DIR: denoFolder,
        NO_COLOR: "1",
      },
      stdin: "null",
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { code, out: text(stdout), err: text(stderr) };
  }

  /** Runs a program that must succeed. @returns What it prints. */
  async output(program: string, ...args: readonly string[]): Promise<string> {
    const { code, out, err } = await this.run(program, ...args);
    assert.equal(code, 0, `${program} ${args.join(" ")}: ${out}${err}`);
    return out;
  }

  /** Runs the task of the clone. */
  installTask(...args: readonly string[]) {
    return this.run(
      Deno.execPath(),
      ...["task", "--quiet", "--config", join(project, "deno.json"), "install"],
      ...args,
    );
  }
}

Deno.test("deno task install makes nnunet a command of any folder, until it is uninstalled", async () => {
  await withTemporaryFolder(async (root) => {
    const user = new User(root);
    const path = join(user.bin, launcherName(os));
    const first = await user.installTask();
    assert.equal(first.code, 0, first.err);
    assert.ok(first.out.startsWith(`Installed nnunet ${version} as ${path}\n`), first.out);
    assert.ok(first.out.includes(`${user.bin} is not on the PATH`), first.out);

    user.addToPath(user.bin);
    const again = await user.installTask();
    assert.match(again.out, /^It replaces the one that started .*\nTry: nnunet --help\n$/m);

    assert.equal(await user.output("nnunet", "--version"), `nnunet ${version}\n`);
    const upgrade = await user.output("nnunet", "upgrade");
    assert.ok(upgrade.startsWith(`nnunet ${version} runs from ${project.slice(0, -1)}. `), upgrade);

    await writeTinyScans(user.folder);
    const places = ["--images", "input", "--labels", "ground_truth", "--root", "nnunet"];
    await user.output("nnunet", "create_dataset", "-d", "1", "-n", "Tiny", ...places);
    const small = ["--gpu_memory_target", "0.05", "--base_features", "4", "-c", "3d_fullres"];
    const plan = ["plan_and_preprocess", "-d", "1", ...small, "--root", "nnunet"];
    assert.match(await user.output("nnunet", ...plan), /3d_fullres: patch /);
    await Deno.stat(join(user.folder, "nnunet", "nnUNet_preprocessed", "Dataset001_Tiny"));

    // Errors name the command as it was typed.
    const { code, err } = await user.run("nnunet", "train", "1", "2d", "0", "--root", "nnunet");
    assert.equal(code, 1);
    assert.match(err, /`nnunet preprocess -d 1 -c 2d --root nnunet/);

    assert.match((await user.installTask("--uninstall")).out, /^Removed .*, which started /);
    await assert.rejects(Deno.stat(path), Deno.errors.NotFound);
    assert.equal(
      (await user.installTask("--uninstall")).out,
      `nnunet is not installed in ${user.bin}\n`,
    );
  });
});

Deno.test("deno task install --dir replaces other programs only with --force", async () => {
  await withTemporaryFolder(async (root) => {
    const user = new User(root);
    const bin = join(user.folder, "bin");
    const path = join(bin, launcherName(os));
    await Deno.mkdir(bin);
    await Deno.writeTextFile(path, "#!/bin/sh\necho other\n", { mode: 0o755 });
    user.addToPath(bin);

    const refused = await user.installTask("--dir", "bin");
    assert.equal(refused.code, 1);
    assert.match(refused.err, /^Cannot install .*: another program; add --force to replace it$/m);
    const kept = await user.installTask("--dir", "bin", "--uninstall");
    assert.equal(kept.code, 1);
    assert.match(kept.err, /^Cannot remove .*: it is another program$/m);

    const shadowed = await user.installTask();
    assert.ok(shadowed.out.includes(`${user.bin} is not on the PATH`));
    const forced = await user.installTask("--dir", "bin", "--force");
    assert.match(forced.out, /^It replaces another program\nTry: nnunet --help\n$/m);
    assert.equal(await user.output("nnunet", "--version"), `nnunet ${version}\n`);

    // One that was installed elsewhere is removed by its place on the PATH, after the default.
    for (const removed of [user.bin, bin]) {
      const { out } = await user.installTask("--uninstall");
      assert.ok(out.startsWith(`Removed ${join(removed, launcherName(os))}, which started `), out);
    }
  });
});

Deno.test("deno task install rejects unknown options", async () => {
  await withTemporaryFolder(async (root) => {
    const { code, err } = await new User(root).installTask("--fast");
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

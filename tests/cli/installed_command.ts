/** Installs the command `nnunet` as a user does, and uses it in an empty folder. */

import assert from "node:assert/strict";
import { delimiter } from "node:path";
import { join } from "@std/path";
import { launcherName } from "../../lib/cli/launcher.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { writeTinyScans } from "../tiny_scans.ts";

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
export class User {
  readonly folder: string;
  readonly #home: string;
  readonly #variables: Readonly<Record<string, string>>;
  #path = Deno.env.get("PATH") ?? "";

  /**
   * @param root An empty folder.
   * @param variables Environment variables, such as `JSR_URL`.
   */
  constructor(root: string, variables: Readonly<Record<string, string>> = {}) {
    this.#variables = variables;
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
        ...this.#variables,
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

  /** Runs Deno. */
  deno(...args: readonly string[]) {
    return this.run(Deno.execPath(), ...args);
  }
}

/**
 * Installs the command for a new user, plans tiny scans with it by relative paths, and removes it.
 *
 * @param installer Arguments with which Deno runs the installer.
 * @param origin Where `nnunet upgrade` says that the command runs from.
 * @param variables Environment variables of the user, such as `JSR_URL` or `DENO_DIR`.
 */
export async function checkInstalledCommand(
  installer: readonly string[],
  origin: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<void> {
  await withTemporaryFolder(async (root) => {
    const user = new User(root, variables);
    const path = join(user.bin, launcherName(os));
    const first = await user.deno(...installer);
    assert.equal(first.code, 0, first.err);
    const [, version] = /^Installed nnunet (\S+) as /m.exec(first.out)!;
    assert.ok(first.out.includes(`Installed nnunet ${version} as ${path}\n`), first.out);
    assert.ok(first.out.includes(`${user.bin} is not on the PATH`), first.out);

    user.addToPath(user.bin);
    const again = await user.deno(...installer);
    const replaced = `It replaces the one that started ${origin}\nTry: nnunet --help\n`;
    assert.ok(again.out.endsWith(replaced), again.out + again.err);

    assert.equal(await user.output("nnunet", "--version"), `nnunet ${version}\n`);
    const upgrade = await user.output("nnunet", "upgrade");
    assert.ok(upgrade.startsWith(`nnunet ${version} runs from ${origin}. `), upgrade);
    assert.match(await user.output("nnunet", "completions", "bash"), /^complete .* nnunet$/m);

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

    const removed = await user.deno(...installer, "--uninstall");
    assert.equal(removed.out, `Removed ${path}, which started ${origin}\n`);
    await assert.rejects(Deno.stat(path), Deno.errors.NotFound);
    const gone = await user.deno(...installer, "--uninstall");
    assert.equal(gone.out, `nnunet is not installed in ${user.bin}\n`);
  });
}

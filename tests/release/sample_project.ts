/** A small project with the scripts of a release, in a git repository. */

import assert from "node:assert/strict";
import { dirname, join, resolve } from "@std/path";

const real = resolve(import.meta.dirname!, "../..");

/** The changelog before and after a release. */
export const changelog = "# Changelog\n\n## Unreleased\n\n- News.\n\n## 0.1.0 — 2026-11-26\n";

const notebook = (source: string) =>
  JSON.stringify({
    nbformat: 4,
    nbformat_minor: 5,
    metadata: { kernelspec: { name: "deno-nnunet" } },
    cells: [{ cell_type: "code", source, metadata: {}, outputs: [], execution_count: null }],
  });

/** Stands for the two packages' writers: they take the options, and pack one module. */
const writer = (name: string, manifest: string) => `
export async function ${name}({ scope, version, folder }) {
  const manifest = ${manifest};
  await Deno.writeTextFile(folder + "/" + (manifest.main ? "package.json" : "deno.json"),
    JSON.stringify({ name: "@" + scope + "/sample", version, ...manifest }));
  await Deno.copyFile("mod.ts", folder + "/mod.ts");
  await Deno.copyFile("README.md", folder + "/README.md");
}
`;

const files: Readonly<Record<string, string>> = {
  ".gitignore": "node_modules/\n.cache/\ndeno.lock\n",
  "deno.json": JSON.stringify(
    {
      name: "@own/sample",
      version: "0.1.0",
      imports: { "@std/path": "node:path", "commander": "npm:commander@15.1.0" },
      nodeModulesDir: "none",
      tasks: { docs: "deno run -A site.ts", test: "deno run -A mod.ts" },
    },
    null,
    2,
  ),
  "CHANGELOG.md": changelog,
  // A line that is full before a longer name replaces the placeholder.
  "README.md": `See https://github.com/OWNER/nnunet-ts, ${"for ".repeat(10)}more\n`,
  "mod.ts": "/** A number. */\nexport const one: number = 1;\n",
  "site.ts": "await Deno.mkdir(Deno.args[1], { recursive: true });\n",
  "notebooks/01_one.ipynb": notebook("1"),
  "notebooks/colab.ipynb": notebook("OWNER/nnunet-ts").replace("deno-nnunet", "python3"),
  ".cache/notebooks/01_one.ipynb": notebook("1"),
  ".ci/packages/jsr_package.ts": writer(
    "jsrPackage",
    `{ license: "Apache-2.0", exports: "./mod.ts" }`,
  ),
  ".ci/packages/npm_package.ts": writer("npmPackage", `{ main: "mod.ts" }`),
};

/** Writes the project and commits it on `main`. */
export async function writeSampleProject(folder: string): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await Deno.mkdir(dirname(join(folder, path)), { recursive: true });
    await Deno.writeTextFile(join(folder, path), text);
  }
  await Deno.mkdir(join(folder, ".ci/release"), { recursive: true });
  for await (const { name } of Deno.readDir(join(real, ".ci/release"))) {
    await Deno.copyFile(join(real, ".ci/release", name), join(folder, ".ci/release", name));
  }
  await git(folder, "init", "--quiet", "--initial-branch", "main");
  await git(folder, "config", "user.name", "Tester");
  await git(folder, "config", "user.email", "tester@example.org");
  await commitAll(folder);
}

/** Commits all files. */
export async function commitAll(folder: string): Promise<void> {
  await git(folder, "add", ".");
  await git(folder, "commit", "--quiet", "--message", "Change");
}

/** Runs git in a folder. @returns What it prints. */
export async function git(folder: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("git", { args, cwd: folder }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trim();
}

/** Runs the project's real release script on the sample. */
export async function runRelease(
  folder: string,
  ...args: string[]
): Promise<{ code: number; text: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "--config", join(real, "deno.json")]
      .concat(join(real, ".ci/release.ts"), args),
    cwd: folder,
  }).output();
  const [printed, failed] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, text: printed + failed };
}

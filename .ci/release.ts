/**
 * Makes a release: `deno task release --help`.
 *
 * The version, the changelog, the packages, the site and all checks are made in a temporary clone
 * first. Without `--write` that is all.
 */

import { join, resolve } from "@std/path";
import { Command } from "commander";
import { changesIn, countChanges, releaseChanges } from "./release/changelog.ts";
import { checkRepository } from "./release/repository.ts";
import { countFreshNotebooks } from "./release/fresh_notebooks.ts";
import { Report, type Step } from "./release/report.ts";
import { fillLinks } from "./release/repository_links.ts";
import { runCommand } from "./release/run_command.ts";
import { nextVersion } from "./release/version.ts";

interface Options {
  scope?: string;
  repository?: string;
  date: string;
  skip_tests: boolean;
  output?: string;
  write: boolean;
}

const project = Deno.cwd(); // Tasks run in the folder of deno.json.

async function release(wanted: string, options: Options): Promise<boolean> {
  const { repository, date, write } = options;
  const config = JSON.parse(await Deno.readTextFile(join(project, "deno.json")));
  const [ownScope, name] = config.name.slice(1).split("/");
  const scope = options.scope ?? ownScope;
  const version = nextVersion(config.version, wanted);
  const tag = `v${version}`;
  const temporary = await Deno.makeTempDir({ prefix: "release-" });
  const output = resolve(options.output ?? join(temporary, "output"));
  if (options.output) await requireEmpty(output);
  console.log(`Release ${version} of @${scope}/${name}\n`);

  try {
    const report = new Report();
    await report.add("git", () => checkRepository(project, tag));
    const clone = join(temporary, "project");
    await runCommand("git", ["clone", "--quiet", project, clone], { cwd: temporary });
    await report.add("version", async () => {
      await setVersion(clone, version);
      return `${config.version} → ${version}`;
    });
    await report.add("changelog", async () => {
      const count = await setChangelog(clone, version, date);
      return `"Unreleased" becomes "${version} — ${date}", with ${count} ${
        count === 1 ? "change" : "changes"
      }`;
    });
    await report.add("links", async () => {
      const files = await setLinks(clone, repository);
      return files.length > 0 ? `to ${repository} in ${files.join(", ")}` : "complete";
    });
    const packed = await report.add("packages", async () => {
      const named = repository === undefined ? [] : ["--repository", repository];
      const script = join(clone, ".ci/release/write_packages.ts");
      const args = ["--scope", scope, ...named, "--output", output];
      await runDeno(["run", "-A", "--quiet", script, ...args], { cwd: clone });
      return `JSR: ${await sizeOf(join(output, "jsr"))}; npm: ${await sizeOf(join(output, "npm"))}`;
    });
    const tryPackage = async (name: "JSR" | "npm", step: Step) =>
      packed ? await report.add(name, step) : report.skip(name, "there are no packages");
    await tryPackage("JSR", async () => {
      await runDeno(["publish", "--dry-run", "--allow-dirty"], { cwd: join(output, "jsr") });
      return "deno publish --dry-run passed";
    });
    await tryPackage("npm", async () => {
      const args = ["publish", "--dry-run", "--access", "public"];
      await runCommand("npm", args, { cwd: join(output, "npm") });
      return "npm publish --dry-run passed";
    });
    await report.add("site", async () => {
      const count = await countFreshNotebooks(project);
      await runDeno(["task", "docs", "--output", join(output, "site")], { cwd: project });
      return `${count} notebooks`;
    });
    // Last, since they take minutes.
    if (options.skip_tests) report.skip("tests", "--skip_tests");
    else if (report.failures > 0) report.skip("tests", "something above failed");
    else {
      await report.add("tests", async () => {
        await runDeno(["task", "test"], { cwd: project, show: true });
        return "passed";
      });
    }

    console.log();
    if (options.output) console.log(`The packages, notes and site are in ${output}`);
    if (report.failures > 0) {
      console.log(`Nothing was changed: ${report.failures} of these steps failed`);
      return false;
    }
    if (!write) {
      console.log(`Nothing was changed; with --write this is committed and tagged ${tag}`);
      return true;
    }
    await setVersion(project, version);
    await setChangelog(project, version, date);
    const linked = await setLinks(project, repository);
    await git("add", "--", "deno.json", "CHANGELOG.md", ...linked);
    await git("commit", "--quiet", "--message", `Release ${version}`);
    await git("tag", "--annotate", tag, "--message", `Release ${version}`);
    console.log(
      `Committed, and tagged ${tag}. To publish it: git push --atomic origin main ${tag}`,
    );
    return true;
  } finally {
    await Deno.remove(temporary, { recursive: true });
  }
}

function git(...args: string[]): Promise<string> {
  return runCommand("git", args, { cwd: project });
}

function runDeno(args: string[], options: { cwd: string; show?: boolean }): Promise<string> {
  return runCommand(Deno.execPath(), args, options);
}

async function setVersion(folder: string, version: string): Promise<void> {
  const path = join(folder, "deno.json");
  const text = await Deno.readTextFile(path);
  // Replaced in the text, which keeps its layout.
  await Deno.writeTextFile(path, text.replace(/^( {2}"version": )"[^"]*"/m, `$1"${version}"`));
}

/** Returns the files that changed. */
async function setLinks(folder: string, repository: string | undefined): Promise<string[]> {
  const files = await fillLinks(folder, repository);
  const pages = files.filter((file) => file.endsWith(".md"));
  // Longer links move the ends of lines.
  if (pages.length > 0) await runDeno(["fmt", "--quiet", ...pages], { cwd: folder });
  return files;
}

/** Returns the number of changes in the release. */
async function setChangelog(folder: string, version: string, date: string): Promise<number> {
  const path = join(folder, "CHANGELOG.md");
  const text = releaseChanges(await Deno.readTextFile(path), version, date);
  await Deno.writeTextFile(path, text);
  return countChanges(changesIn(text, version));
}

async function requireEmpty(folder: string): Promise<void> {
  try {
    for await (const { name } of Deno.readDir(folder)) {
      throw new Error(`Cannot write to ${folder}: it has ${name}, expected an empty folder`);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function sizeOf(folder: string): Promise<string> {
  let [files, bytes] = [0, 0];
  const count = async (path: string) => {
    for await (const { name, isDirectory } of Deno.readDir(path)) {
      if (isDirectory) {
        await count(join(path, name));
        continue;
      }
      files++;
      bytes += (await Deno.stat(join(path, name))).size;
    }
  };
  await count(folder);
  return `${files} files, ${(bytes / 1e6).toFixed(1)} MB`;
}

const program = new Command("release")
  .description(
    "Make the packages and the site of a release in a temporary folder, and check everything. " +
      "With --write, also commit the version and the changelog, and tag the commit.",
  )
  .argument("<version>", "such as 1.2.3, or the part to raise: major, minor or patch")
  .option("--scope <name>", "the scope on JSR and npm, by default that in deno.json")
  .option("--repository <owner/name>", "the project on GitHub, for links and provenance")
  .option("--date <YYYY-MM-DD>", "of the release", new Date().toISOString().slice(0, 10))
  .option("--skip_tests", "do not run deno task test, for instance if it has just passed", false)
  .option("--output <dir>", "keep the packages, notes and site in this folder")
  .option("--write", "change deno.json and CHANGELOG.md, commit and tag", false)
  .action(async (version: string, options: Options) => {
    if (!await release(version, options)) Deno.exit(1);
  });

try {
  await program.parseAsync(Deno.args, { from: "user" });
} catch (error) {
  console.error((error as Error).message);
  Deno.exit(1);
}

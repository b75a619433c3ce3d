/**
 * Writes what a release publishes: `jsr/` and `npm/`, each a package to be published as it stands, and
 * `notes.md`, the changes. The workflow of a tag calls this, and a release before it makes the tag.
 */

import { join, resolve } from "@std/path";
import { Command } from "commander";
import { jsrPackage } from "../packages/jsr_package.ts";
import { npmPackage } from "../packages/npm_package.ts";
import { changesIn } from "./changelog.ts";
import { fillLinks } from "./repository_links.ts";

const project = resolve(import.meta.dirname!, "../..");

interface Options {
  scope: string;
  repository?: string;
  tag?: string;
  output: string;
}

async function writePackages({ scope, repository, tag, output }: Options): Promise<void> {
  const { version } = JSON.parse(await Deno.readTextFile(join(project, "deno.json")));
  if (tag !== undefined && tag !== `v${version}`) {
    throw new Error(`The tag is ${tag}, expected v${version} as in deno.json`);
  }
  const notes = changesIn(await Deno.readTextFile(join(project, "CHANGELOG.md")), version);
  if (repository !== undefined) await fillLinks(project, repository);

  const [jsr, npm] = ["jsr", "npm"].map((name) => resolve(output, name));
  await Deno.mkdir(jsr, { recursive: true });
  await Deno.mkdir(npm, { recursive: true });
  await jsrPackage({ scope, version, folder: jsr });
  await npmPackage({ scope, version, folder: npm });
  if (repository !== undefined) await nameRepository(join(npm, "package.json"), repository);
  await Deno.writeTextFile(resolve(output, "notes.md"), notes + "\n");
}

/** npm accepts a statement of provenance only if the package names the repository in it. */
async function nameRepository(path: string, repository: string): Promise<void> {
  const manifest = JSON.parse(await Deno.readTextFile(path));
  manifest.repository = { type: "git", url: `git+https://github.com/${repository}.git` };
  await Deno.writeTextFile(path, JSON.stringify(manifest, null, 2) + "\n");
}

const program = new Command("write_packages")
  .description("Write the packages of the version in deno.json, and its changes.")
  .requiredOption("--scope <name>", "the owner's scope on JSR and npm, without @")
  .option("--repository <owner/name>", "where the project is on GitHub")
  .option("--tag <tag>", "fail unless this is the version's tag")
  .requiredOption("--output <dir>", "folder for jsr/, npm/ and notes.md")
  .action(writePackages);

try {
  await program.parseAsync(Deno.args, { from: "user" });
} catch (error) {
  console.error((error as Error).message);
  Deno.exit(1);
}

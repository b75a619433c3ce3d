/** Builds a static site from notebooks that were run: `deno task docs --help`. */

import { basename, join, resolve } from "@std/path";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { formatBytes } from "../../lib/options/format_bytes.ts";
import { findNotebooks } from "./find_notebooks.ts";
import { assetFolder } from "./site/assets.ts";
import { writeSite } from "./site/write_site.ts";

const project = fileURLToPath(new URL("../../", import.meta.url));

/** Folders to read and to write. */
interface Options {
  readonly input: string;
  readonly output: string;
}

async function build({ input, output }: Options): Promise<void> {
  const runs = await findNotebooks(resolve(input), []).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  });
  if (runs.length === 0) {
    throw new Error(`Cannot render: ${input} has no notebooks; run deno task notebooks first`);
  }
  const howToFolder = join(project, "notebooks/how_to");
  const howTo = (await Array.fromAsync(Deno.readDir(howToFolder)))
    .map(({ name }) => name).filter((name) => name.endsWith(".md")).toSorted()
    .map((name) => join(howToFolder, name));
  const notebooks = await findNotebooks(join(project, "notebooks"), []);
  const missing = notebooks.filter((path) => runs.every((run) => basename(run) !== basename(path)));
  await writeSite({ project, runs, notebooks, howTo }, resolve(output));
  if (missing.length > 0) {
    console.error(
      `Not run, and not in the site: ${missing.map((path) => basename(path)).join(", ")}`,
    );
  }
  console.log(await sizeOf(resolve(output)));
  console.log(join(resolve(output), "index.html"));
}

/** Says how large a site and its pages are. */
async function sizeOf(folder: string): Promise<string> {
  const bytesOf = async (folder: string) => {
    const files = (await Array.fromAsync(Deno.readDir(folder))).filter(({ isFile }) => isFile);
    return await Promise.all(files.map(async ({ name }) => {
      const { size } = await Deno.stat(join(folder, name));
      return { name, size };
    }));
  };
  const own = await bytesOf(folder);
  const pages = own.filter(({ name }) => name.endsWith(".html")).map(({ size }) => size);
  const all = [...own, ...await bytesOf(join(folder, assetFolder))];
  const total = all.reduce((sum, { size }) => sum + size, 0);
  return `${pages.length} pages of at most ${formatBytes(Math.max(...pages))}, ` +
    `${formatBytes(total)} with all that they load`;
}

const program = new Command("docs")
  .description(
    "Build a static site from notebooks that were run (deno task notebooks), the how-to pages and " +
      "the project's documents. It needs no server: open its index.html.",
  )
  .option("--input <dir>", "notebooks with their outputs", join(project, ".cache/notebooks"))
  .option("--output <dir>", "the site's folder; replaced if it exists", join(project, "site"))
  .action(build);

try {
  await program.parseAsync(Deno.args, { from: "user" });
} catch (error) {
  console.error((error as Error).message);
  Deno.exit(1);
}

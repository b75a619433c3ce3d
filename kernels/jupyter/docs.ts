/** Builds a static site from notebooks that were run: `deno task docs --help`. */

import { basename, join, resolve } from "@std/path";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { formatBytes } from "../../lib/options/format_bytes.ts";
import { reasonOf } from "../../lib/options/reason_of.ts";
import { findNotebooks } from "./find_notebooks.ts";
import { liteFolder } from "./lite/lite_notebook.ts";
import { assetFolder } from "./site/assets.ts";
import { livePartsFolder } from "./site/live_page.ts";
import { writeLiveParts } from "./site/live_parts.ts";
import { writeSite } from "./site/write_site.ts";

const project = fileURLToPath(new URL("../../", import.meta.url));

/** Folders to read and to write. */
interface Options {
  readonly input: string;
  readonly output: string;
  /** Whether to make the page in which the course runs. */
  readonly live: boolean;
  /** Whether to add JupyterLite with the notebooks that run in a browser. */
  readonly lite: boolean;
}

async function build({ input, output, live, lite }: Options): Promise<void> {
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
  const sources = { project, runs, notebooks, howTo };
  const work = await Deno.makeTempDir();
  try {
    await writeSite({
      ...sources,
      live: live ? await makeLiveParts(join(work, "live")) : undefined,
      lite: lite ? await makeLite(join(work, "lite"), notebooks) : undefined,
    }, resolve(output));
  } finally {
    await Deno.remove(work, { recursive: true });
  }
  if (missing.length > 0) {
    console.error(
      `Not run, and not in the site: ${missing.map((path) => basename(path)).join(", ")}`,
    );
  }
  console.log(await sizeOf(resolve(output)));
  console.log(join(resolve(output), "index.html"));
}

/** Makes what the live course loads. @throws {Error} If it cannot be made; it says what to do. */
async function makeLiveParts(folder: string): Promise<string> {
  await Deno.mkdir(folder);
  try {
    await writeLiveParts(folder);
    return folder;
  } catch (error) {
    throw new Error(
      `Cannot make the live course: ${
        reasonOf(error)
      }\nTo build the site without it, add --no-live`,
      { cause: error },
    );
  }
}

/** Makes JupyterLite with notebooks. @throws {Error} If it cannot be made; it says what to do. */
async function makeLite(folder: string, paths: readonly string[]) {
  await Deno.mkdir(folder);
  try {
    const { writeLite } = await import("./lite/write_lite.ts"); // It loads the whole library.
    return { folder, notebooks: await writeLite(folder, { notebooks: paths }) };
  } catch (error) {
    throw new Error(
      `Cannot make the notebooks for browsers: ${
        reasonOf(error)
      }\nTo build the site without them, leave out --lite`,
      { cause: error },
    );
  }
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
  const sum = (files: readonly { readonly size: number }[]) =>
    files.reduce((sum, { size }) => sum + size, 0);
  const own = await bytesOf(folder);
  const pages = own.filter(({ name }) => name.endsWith(".html")).map(({ size }) => size);
  const total = sum(own) + sum(await bytesOf(join(folder, assetFolder)));
  const parts = sum(await bytesOf(join(folder, assetFolder, livePartsFolder)).catch(() => []));
  const lite = await bytesBelow(join(folder, liteFolder));
  return `${pages.length} pages of at most ${formatBytes(Math.max(...pages))}, ` +
    `${formatBytes(total)} with all that they load` +
    `${parts > 0 ? `, and ${formatBytes(parts)} that the live course loads` : ""}` +
    `${lite > 0 ? `, and ${formatBytes(lite)} of JupyterLite` : ""}`;
}

/** Bytes of all files below a folder; 0 if it does not exist. */
async function bytesBelow(folder: string): Promise<number> {
  let bytes = 0;
  try {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      const path = join(folder, name);
      bytes += isDirectory ? await bytesBelow(path) : (await Deno.stat(path)).size;
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return bytes;
}

const program = new Command("docs")
  .description(
    "Build a static site from notebooks that were run (deno task notebooks), the how-to pages and " +
      "the project's documents. It needs no server: open its index.html. Only its live course, in " +
      "which a browser trains, has to be served, as static files; its script is made by deno " +
      "bundle, which needs the network the first time.",
  )
  .option("--input <dir>", "notebooks with their outputs", join(project, ".cache/notebooks"))
  .option("--output <dir>", "the site's folder; replaced if it exists", join(project, "site"))
  .option("--no-live", "leave out the live course")
  .option(
    "--lite",
    "add JupyterLite, in which a browser runs those of the notebooks that can; it has to be served, " +
      "as static files. The first time, it is installed into .venv/jupyterlite, which needs Python " +
      "and the network",
    false,
  )
  .action(build);

try {
  await program.parseAsync(Deno.args, { from: "user" });
} catch (error) {
  console.error((error as Error).message);
  Deno.exit(1);
}

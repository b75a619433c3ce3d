/** Builds a static site from notebooks that were run: `deno task docs --help`. */

import { join, resolve } from "@std/path";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { findNotebooks } from "./find_notebooks.ts";
import { writeSite } from "./site/write_site.ts";

const project = fileURLToPath(new URL("../../", import.meta.url));

const program = new Command("docs")
  .description("Build a static site from notebooks that were run (deno task notebooks).")
  .option("--input <dir>", "notebooks with their outputs", join(project, ".cache/notebooks"))
  .option("--output <dir>", "the site's folder; replaced if it exists", join(project, "site"))
  .action(async ({ input, output }: { input: string; output: string }) => {
    const paths = await findNotebooks(resolve(input), []).catch((error) => {
      if (error instanceof Deno.errors.NotFound) return [];
      throw error;
    });
    if (paths.length === 0) {
      throw new Error(`Cannot render: ${input} has no notebooks; run deno task notebooks first`);
    }
    await writeSite(paths, resolve(output));
    console.log(join(resolve(output), "index.html"));
  });

try {
  await program.parseAsync(Deno.args, { from: "user" });
} catch (error) {
  console.error((error as Error).message);
  Deno.exit(1);
}

/** Whether the site would show the notebooks as they are. */

import { basename, join } from "@std/path";
import { findNotebooks } from "../../kernels/jupyter/find_notebooks.ts";
import { joined, readNotebook } from "../../kernels/jupyter/notebook_file.ts";

/**
 * Counts the notebooks, which must have been run since they were changed.
 *
 * @param project The project's folder.
 * @throws {Error} If some were not, with their names.
 */
export async function countFreshNotebooks(project: string): Promise<number> {
  const paths = await findNotebooks(join(project, "notebooks"), []);
  const stale: string[] = [];
  for (const path of paths) {
    const run = join(project, ".cache/notebooks", basename(path));
    if (await sourcesOf(path) !== await sourcesOf(run)) stale.push(basename(path));
  }
  if (stale.length === 0) return paths.length;
  throw new Error(`Changed since they were run: ${stale.join(", ")}; run deno task notebooks`);
}

async function sourcesOf(path: string): Promise<string | undefined> {
  try {
    return JSON.stringify((await readNotebook(path)).cells.map(({ source }) => joined(source)));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Makes a small site with the live course. */

import { join } from "@std/path";
import { fileURLToPath } from "node:url";
import { writeLiveParts } from "../../../kernels/jupyter/site/live_parts.ts";
import { writeSite } from "../../../kernels/jupyter/site/write_site.ts";
import { notebookOf, prose } from "./sample_notebooks.ts";

const project = fileURLToPath(new URL("../../../", import.meta.url));

/** Makes a site of two notebooks and the live course. @returns Its folder, in the given one. */
export async function makeLiveSite(folder: string): Promise<string> {
  const site = join(folder, "site");
  const parts = join(folder, "parts");
  await Deno.mkdir(parts);
  await writeLiveParts(parts);
  const runs = [join(folder, "02_planning.ipynb"), join(folder, "06_ensembles.ipynb")];
  for (const path of runs) {
    const notebook = notebookOf(prose("# A title\n\nA question?"));
    await Deno.writeTextFile(path, JSON.stringify(notebook));
  }
  await writeSite({ project, runs, notebooks: runs, howTo: [], live: parts }, site);
  return site;
}

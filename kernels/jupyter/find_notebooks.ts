/** The notebooks of a folder, in reading order. */

import { join } from "@std/path";
import { kernelName } from "../kernelspec.ts";
import { readNotebook } from "./notebook_file.ts";

const ending = ".ipynb";

/**
 * Paths of the notebooks that this project's kernel runs, sorted by name.
 *
 * @param names Names or their beginnings, such as `04`; all notebooks if empty.
 * @throws {Error} If no notebook has such a name.
 */
export async function findNotebooks(folder: string, names: readonly string[]): Promise<string[]> {
  const all: string[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    if (name.endsWith(ending) && await isForThisKernel(join(folder, name))) all.push(name);
  }
  all.sort();
  for (const name of names) {
    if (all.some((file) => file.startsWith(name))) continue;
    throw new Error(
      `Cannot find notebook ${name}: ${folder} has ${all.join(", ") || "no notebooks"}`,
    );
  }
  return all.filter((file) => names.length === 0 || names.some((name) => file.startsWith(name)))
    .map((file) => join(folder, file));
}

/** Whether a notebook names this kernel or none, unlike `colab.ipynb`, which is for Python's. */
async function isForThisKernel(path: string): Promise<boolean> {
  const { kernelspec } = (await readNotebook(path)).metadata;
  return [undefined, kernelName].includes((kernelspec as { name?: string } | undefined)?.name);
}

/** The notebooks of a folder, in reading order. */

import { join } from "@std/path";

const ending = ".ipynb";

/**
 * Paths of notebooks, sorted by name.
 *
 * @param names Names or their beginnings, such as `04`; all notebooks if empty.
 * @throws {Error} If no notebook has such a name.
 */
export async function findNotebooks(folder: string, names: readonly string[]): Promise<string[]> {
  const all = (await Array.fromAsync(Deno.readDir(folder)))
    .map(({ name }) => name).filter((name) => name.endsWith(ending)).toSorted();
  for (const name of names) {
    if (all.some((file) => file.startsWith(name))) continue;
    throw new Error(
      `Cannot find notebook ${name}: ${folder} has ${all.join(", ") || "no notebooks"}`,
    );
  }
  return all.filter((file) => names.length === 0 || names.some((name) => file.startsWith(name)))
    .map((file) => join(folder, file));
}

/** Removes the paths of the machine that ran the notebooks. */

import { pathToFileURL } from "node:url";
import type { Notebook } from "../notebook_file.ts";
import { foldersHere, type MachineFolders, recordOf } from "../run_record.ts";

/** What stands in a page in place of each folder. */
const shown: Readonly<Record<keyof MachineFolders, string>> = {
  project: "nnunet-ts",
  home: "~",
  temporary: "temporary",
};

/**
 * Returns a notebook whose sources and outputs name no folder of the machine that ran it, nor of
 * this one: `/home/me/nnunet-ts/data` becomes `nnunet-ts/data`.
 */
export function withoutPrivatePaths(notebook: Notebook): Notebook {
  const folders = [recordOf(notebook)?.folders, foldersHere()].flatMap((folders) =>
    folders === undefined ? [] : Object.entries(folders) as [keyof MachineFolders, string][]
  );
  const { cells, ...rest } = notebook;
  return { ...rest, metadata: {}, cells: replaced(cells, replacerOf(folders)) };
}

/** Returns a function that replaces the folders in a text, the innermost ones first. */
export function replacerOf(
  folders: readonly (readonly [name: keyof MachineFolders, path: string])[],
): (text: string) => string {
  const known = [...folders, ["temporary", "/tmp"] as const]
    .filter(([, path]) => path.length > 1) // A container's home may be the root.
    .toSorted(([, a], [, b]) => b.length - a.length);
  const patterns = known.map(([name, path]) => {
    const forms = [pathToFileURL(path).href, `file://${path}`, path].map(RegExp.escape);
    // Neither in the middle of an address or of binary data, nor the beginning of another name.
    const pattern = new RegExp(`(?<![\\w.~+/-])(?:${forms.join("|")})(?![\\w+=-])`, "g");
    return [pattern, shown[name]] as const;
  });
  return (text) => patterns.reduce((text, [pattern, name]) => text.replace(pattern, name), text);
}

/** Replaces in all strings of a value. */
function replaced<T>(value: T, replace: (text: string) => string): T {
  if (typeof value === "string") return replace(value) as T;
  if (Array.isArray(value)) return value.map((one) => replaced(one, replace)) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, replaced(one, replace)]),
  ) as T;
}

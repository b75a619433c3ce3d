/** Draws the contents of a folder as a tree. */

import { listFolder } from "../platform/files.ts";
import { basename, join } from "../platform/paths.ts";
import { xmlText } from "../display/xml_text.ts";
import { Output, scrollable } from "./output.ts";
import { count } from "../options/count.ts";
import { requireKnown } from "../options/require_known.ts";

/**
 * Draws a folder's tree.
 *
 * @param folder Path of the folder.
 * @param options.files Files shown per folder, 4 by default; the others are counted.
 * @param options.depth Levels below the folder, 3 by default.
 * @returns The output.
 * @throws {Deno.errors.NotFound} If the folder does not exist.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { folderTree } from "nnunet/notebook";
 *
 * const folder = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${folder}/dataset.json`, "{}");
 * assert.match((await folderTree(folder, { files: 2 })).text, /└── dataset\.json$/);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function folderTree(
  folder: string,
  options: { readonly files?: number; readonly depth?: number } = {},
): Promise<Output> {
  requireKnown(options, { files: true, depth: true }, "show the folder");
  const { files = 4, depth = 3 } = options;
  const lines = [`${basename(folder)}/`, ...await branches(folder, "", depth, files)];
  const text = lines.join("\n");
  const title = `Folder ${basename(folder)}`;
  const html = scrollable(title, `<pre style="line-height:1.35">${xmlText(text)}</pre>`);
  return new Output({ title, text, html });
}

async function branches(
  folder: string,
  indent: string,
  depth: number,
  limit: number,
): Promise<string[]> {
  if (depth === 0) return [];
  const entries = (await Array.fromAsync(listFolder(folder))).toSorted((a, b) =>
    a.name < b.name ? -1 : 1
  );
  const folders = entries.filter(({ isDirectory }) => isDirectory);
  const plain = entries.filter(({ isDirectory }) => !isDirectory);
  const shown = plain.slice(0, plain.length > limit ? Math.max(0, limit - 1) : limit);
  const rest = plain.length - shown.length;
  const items = [
    ...shown.map(({ name }) => ({ name, inside: undefined })),
    ...rest > 0
      ? [{ name: `… ${count(rest, shown.length > 0 ? "more file" : "file")}`, inside: undefined }]
      : [],
    ...folders.map(({ name }) => ({ name: `${name}/`, inside: join(folder, name) })),
  ];
  const lines: string[] = [];
  for (const [i, { name, inside }] of items.entries()) {
    const isLast = i === items.length - 1;
    lines.push(`${indent}${isLast ? "└── " : "├── "}${name}`);
    const below = indent + (isLast ? "    " : "│   ");
    if (inside) lines.push(...await branches(inside, below, depth - 1, limit));
  }
  return lines;
}

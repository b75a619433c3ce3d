/** Writes the static site. */

import { basename, join } from "@std/path";
import { createRequire } from "node:module";
import { writeFolderAtomically } from "../../../lib/platform/atomic_folder.ts";
import { readNotebook } from "../notebook_file.ts";
import { chapterOf, notebookPage } from "./notebook_page.ts";
import { startPage } from "./start_page.ts";

/**
 * Writes a page for each notebook and a start page, replacing the folder.
 *
 * @param paths Notebooks with their outputs, in reading order.
 * @throws {SyntaxError} If a notebook has no title or question.
 * @throws {Error} If the folder holds anything but pages.
 */
export async function writeSite(paths: readonly string[], folder: string): Promise<void> {
  await requirePages(folder);
  const script = createRequire(import.meta.url).resolve("plotly.js-dist-min/plotly.min.js");
  const plotly = await Deno.readTextFile(script);
  const parts = await Promise.all(paths.map(async (path) => {
    const notebook = await readNotebook(path);
    return { notebook, chapter: chapterOf(basename(path), notebook) };
  }));
  const chapters = parts.map(({ chapter }) => chapter);
  await writeFolderAtomically(folder, async (partial) => {
    for (const [i, { notebook, chapter }] of parts.entries()) {
      const place = { chapter, previous: chapters[i - 1], next: chapters[i + 1] };
      await Deno.writeTextFile(join(partial, chapter.file), notebookPage(notebook, place, plotly));
    }
    await Deno.writeTextFile(join(partial, "index.html"), startPage(chapters));
  }, { overwrite: true });
}

/** Protects the user's own files from being replaced. */
async function requirePages(folder: string): Promise<void> {
  try {
    for await (const { name } of Deno.readDir(folder)) {
      if (name.endsWith(".html")) continue;
      throw new Error(`Cannot replace ${folder}: it has ${name}, expected nothing but pages`);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

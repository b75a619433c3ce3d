/** Writes the static site. */

import { basename, join, relative } from "@std/path";
import { createRequire } from "node:module";
import { writeFolderAtomically } from "../../../lib/platform/atomic_folder.ts";
import { readNotebook } from "../notebook_file.ts";
import { assetFolder, Assets } from "./assets.ts";
import { documentPage } from "./document_page.ts";
import { liteFolder, type LiteNotebook } from "../lite/lite_notebook.ts";
import { litePage } from "./lite_page.ts";
import { livePage, runHere } from "./live_page.ts";
import type { Section } from "./markdown.ts";
import { notebookPage } from "./notebook_page.ts";
import { framedPage, generatorMark, type Page, type PageGroup } from "./page.ts";
import { withoutPrivatePaths } from "./private_paths.ts";
import { type RunNotebook, stateOf } from "./run_state.ts";
import { linksOf } from "./site_links.ts";
import { groupIds, startPage } from "./start_page.ts";

const require = createRequire(import.meta.url);
const startFile = "index.html";

/** What a site is made of. */
export interface SiteSources {
  /** The project's folder. */
  readonly project: string;
  /** Paths of the notebooks with their outputs, in reading order. */
  readonly runs: readonly string[];
  /** Paths of all notebooks that there are, in reading order. */
  readonly notebooks: readonly string[];
  /** Paths of the how-to pages in Markdown, in reading order. */
  readonly howTo: readonly string[];
  /** Folder with what the live course loads; without it, the site has no live course. */
  readonly live?: string;
  /** JupyterLite and the notebooks in it; without it, the site has none. */
  readonly lite?: {
    /** Its folder, which is copied into the site. */
    readonly folder: string;
    readonly notebooks: readonly LiteNotebook[];
  };
}

/** Files of the project that have a page, and what the lists of pages say of them. */
const documents: readonly (Pick<Page, "file" | "title" | "lead"> & { readonly path: string })[] = [
  {
    path: "README.md",
    file: "readme.html",
    title: "Read me",
    lead:
      "As a library, in a notebook, on the command line, on a GPU; how fast it is and how it works.",
  },
  { path: "CHANGELOG.md", file: "changelog.html", title: "Changelog", lead: "What is new." },
  {
    path: "CONTRIBUTING.md",
    file: "contributing.html",
    title: "Contributing",
    lead: "A tour of the code, and how to add to it.",
  },
];

/** What pages load, by name; the text of those that are this folder's. */
const ownAssets = ["theme.js", "page.js", "search.js", "views.js"];

/**
 * Writes a page for each notebook, how-to and document, and a start page, replacing the folder.
 *
 * @throws {SyntaxError} If a page has no title or first paragraph.
 * @throws {Error} If the folder holds anything but a site.
 */
export async function writeSite(sources: SiteSources, folder: string): Promise<void> {
  await requireSite(folder);
  const { project, live, lite } = sources;
  const assets = new Assets();
  const runs = await Promise.all(sources.runs.map(async (path): Promise<RunNotebook> => ({
    name: basename(path),
    notebook: await readNotebook(path),
  })));
  const state = await stateOf(runs, sources.notebooks);

  // Links between notebooks lead to their pages, wherever they were run.
  const notebookFolder = join(project, "notebooks");
  const pathOf = ({ name }: RunNotebook) => join(notebookFolder, name);
  const howTo = sources.howTo.map((path) => ({ path, file: howToFile(path) }));
  const own = documents.map(({ path, ...page }) => ({ ...page, path: join(project, path) }));
  const addresses = new Map([
    ...runs.map((run) => [pathOf(run), run.name.replace(/\.ipynb$/, ".html")] as const),
    ...[...howTo, ...own].map(({ path, file }) => [path, file] as const),
    [join(project, "LICENSE"), "license.txt"],
  ]);
  const linksFrom = (path: string) => linksOf(path, addresses, assets);
  const document = async ({ path, file, ...listed }: Pick<Page, "file"> & { path: string }) => ({
    ...documentPage(relative(project, path), await Deno.readTextFile(path), file, linksFrom(path)),
    ...listed,
  });

  const groups: (PageGroup & { readonly pages: readonly Page[] })[] = [
    {
      id: groupIds.course,
      title: "Course",
      pages: [
        ...runs.map((run) =>
          notebookPage(run.name, withoutPrivatePaths(run.notebook), {
            links: linksFrom(pathOf(run)),
            assets,
            notice: (live === undefined ? "" : runHere(run.name)) +
              (state.short.includes(run.name) ? shortNotice : ""),
          })
        ),
        ...live === undefined ? [] : [await livePage(live, assets)],
        ...lite === undefined ? [] : [litePage(lite.notebooks)],
      ],
    },
    { id: groupIds.howTo, title: "How-to", pages: await Promise.all(howTo.map(document)) },
    { id: groupIds.project, title: "Project", pages: await Promise.all(own.map(document)) },
  ].filter(({ pages }) => pages.length > 0);

  const start = startPage({ groups, state, links: linksFrom(join(project, "README.md")) });
  const pages = groups.flatMap(({ pages }) => pages);
  await addShared(assets, [
    { file: startFile, title: "nnU-Net, live", sections: start.sections },
    ...pages,
  ]);

  await writeFolderAtomically(folder, async (partial) => {
    const write = (name: string, text: string) => Deno.writeTextFile(join(partial, name), text);
    for (const page of pages) await write(page.file, framedPage(page, groups));
    await write(startFile, start.html);
    await write("license.txt", await Deno.readTextFile(join(project, "LICENSE")));
    await assets.write(partial);
    if (lite) await copyFolder(lite.folder, join(partial, liteFolder));
  }, { overwrite: true });
}

const shortNotice = `<aside class="notice" aria-label="About this run"><p>Run with short settings:
networks have hardly learnt, so numbers and pictures are worse than the text says.</p></aside>`;

/** Copies a folder with all that is below it. */
async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to);
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    const copy = isDirectory ? copyFolder : Deno.copyFile;
    await copy(join(from, name), join(to, name));
  }
}

/** `notebooks/how_to/03_ignore_label.md` becomes `how_to_ignore_label.html`. */
function howToFile(path: string): string {
  return `how_to_${basename(path).replace(/^\d+_/, "").replace(/\.md$/, ".html")}`;
}

/** Adds what all pages load. */
async function addShared(
  assets: Assets,
  pages: readonly Pick<Page, "file" | "title" | "sections">[],
): Promise<void> {
  const here = (name: string) => Deno.readTextFile(new URL(name, import.meta.url));
  assets.add("site.css", await here("style.css"));
  for (const name of ownAssets) assets.add(name, await here(name));
  assets.add("logo.svg", await here("../../logo.svg"));
  // MiniSearch searches in the page, so it needs no server; pagefind's WebAssembly would.
  const minisearch = await Deno.readTextFile(minisearchPath());
  assets.add("minisearch.js", minisearch.replace(/^\/\/# sourceMappingURL=.*$/m, ""));
  const texts = pages.flatMap(({ file, title, sections }) =>
    sections.map(({ id, heading, text }: Section) => ({
      heading,
      text,
      page: title.replaceAll(/<[^>]*>/g, "").replaceAll("&amp;", "&"),
      address: id === "" ? file : `${file}#${id}`,
    }))
  );
  const numbered = texts.map((text, id) => ({ id, ...text }));
  assets.add("search_texts.js", `globalThis.nnunetTexts = ${JSON.stringify(numbered)};`);
}

/** The build of MiniSearch for classic scripts. */
function minisearchPath(): string {
  return join(require.resolve("minisearch"), "../../umd/index.js");
}

/** Protects the user's own files from being replaced. */
async function requireSite(folder: string): Promise<void> {
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) names.push(name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  const other = names.find((name) =>
    !name.endsWith(".html") && ![assetFolder, liteFolder, "license.txt"].includes(name)
  );
  if (other !== undefined) {
    throw new Error(`Cannot replace ${folder}: it has ${other}, expected nothing but a site`);
  }
  if (names.length === 0) return;
  const start = await Deno.readTextFile(join(folder, startFile)).catch(() => "");
  if (!start.includes(generatorMark)) {
    throw new Error(
      `Cannot replace ${folder}: its ${startFile} lacks the mark of deno task docs; remove the ` +
        "folder if it is an old site",
    );
  }
}

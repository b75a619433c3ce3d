/** Renders a notebook that was run as a page. */

import { type CodeCell, joined, type Notebook } from "../notebook_file.ts";
import type { Assets } from "./assets.ts";
import { type Links, listing, MarkdownPage, titleAndLead } from "./markdown.ts";
import { outputHtml, pictureOf } from "./output_html.ts";
import type { Page } from "./page.ts";
import { decodePicture, pictureAttributes, sizeOf } from "./pictures.ts";
import { Views } from "./views.ts";

/** Tag of the cell whose picture represents the notebook; by default, the last picture does. */
const coverTag = "cover";

/**
 * A page of a notebook.
 *
 * @param name File name of the notebook.
 * @param place.links Addresses of what its prose refers to.
 * @param place.assets Takes its pictures and heavy parts.
 * @param place.notice What readers should know about the run, as HTML.
 * @throws {SyntaxError} If the notebook does not begin with a title and a paragraph.
 */
export function notebookPage(
  name: string,
  notebook: Notebook,
  { links, assets, notice = "" }: {
    readonly links: Links;
    readonly assets: Assets;
    readonly notice?: string;
  },
): Page {
  const prose = notebook.cells.filter(({ cell_type }) => cell_type === "markdown")
    .map(({ source }) => joined(source)).join("\n\n");
  const { title, lead } = titleAndLead(prose);
  if (title === undefined || lead === undefined) {
    throw new SyntaxError(
      `Cannot publish ${name}: expected a heading of level 1 and a paragraph with its question`,
    );
  }
  const stem = name.replace(/\.ipynb$/, "");
  const markdown = new MarkdownPage(links);
  const views = new Views(stem, assets);
  const cells = notebook.cells.map((cell) => {
    if (cell.cell_type === "markdown") {
      return `<div class="prose">${markdown.render(joined(cell.source))}</div>`;
    }
    if (cell.cell_type !== "code") return "";
    markdown.addText(joined(cell.source));
    return codeHtml(cell, views);
  });
  return {
    file: `${stem}.html`,
    title,
    lead,
    ...coverOf(notebook, assets),
    body: notice + cells.join("\n"),
    headings: markdown.headings,
    sections: markdown.sections,
  };
}

function codeHtml({ source, outputs, execution_count }: CodeCell, views: Views): string {
  const code = joined(source).trimEnd();
  const shown = outputs.map((output) => `<div class="output">${outputHtml(output, views)}</div>`)
    .join("");
  const count = ` data-count="${execution_count ?? " "}"`;
  return `<div class="cell">${code === "" ? "" : listing(code, "typescript", count)}${shown}</div>`;
}

/** The picture that represents a notebook. */
function coverOf(
  { cells }: Notebook,
  assets: Assets,
): Pick<Page, "picture" | "hasHighPicture"> | undefined {
  const code = cells.filter((cell) => cell.cell_type === "code");
  const covers = code.filter(({ metadata }) =>
    (metadata.tags as string[] | undefined)?.includes(coverTag)
  );
  const address = [code, covers].flatMap((cells) => cells.flatMap(({ outputs }) => outputs))
    .map(pictureOf).findLast((found) => found !== undefined);
  const picture = address === undefined ? undefined : decodePicture(address);
  if (!picture) return undefined;
  const [width, height] = sizeOf(picture) ?? [1, 1];
  return { picture: pictureAttributes(picture, assets), hasHighPicture: height > width };
}

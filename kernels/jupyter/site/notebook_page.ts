/** Renders a notebook that was run as a page. */

import { type CodeCell, joined, type Notebook } from "../notebook_file.ts";
import { highlighted, MarkdownPage, titleAndLead } from "./markdown.ts";
import { drawFigures, outputHtml, pictureOf, plotlyType, scriptElement } from "./output_html.ts";
import { pageHtml } from "./page.ts";

/** What the start page says about a notebook. */
export interface Chapter {
  /** File name of the page. */
  readonly file: string;
  /** As HTML. */
  readonly title: string;
  /** The question that it answers: its first paragraph, as HTML. */
  readonly question: string;
  /** Address of the picture that answers it. */
  readonly picture?: string;
}

/** Tag of the cell whose picture represents the notebook; by default, the last picture does. */
const coverTag = "cover";

/** @throws {SyntaxError} If the notebook does not begin with a title and a paragraph. */
export function chapterOf(name: string, notebook: Notebook): Chapter {
  const prose = notebook.cells.filter(({ cell_type }) => cell_type === "markdown")
    .map(({ source }) => joined(source)).join("\n\n");
  const { title, lead } = titleAndLead(prose);
  if (title === undefined || lead === undefined) {
    throw new SyntaxError(
      `Cannot publish ${name}: expected a heading of level 1 and a paragraph with its question`,
    );
  }
  const code = notebook.cells.filter((cell) => cell.cell_type === "code");
  const covers = code.filter(({ metadata }) =>
    (metadata.tags as string[] | undefined)?.includes(coverTag)
  );
  const picture = [code, covers].flatMap((cells) => cells.flatMap(({ outputs }) => outputs))
    .map(pictureOf).findLast((found) => found !== undefined);
  return { file: name.replace(/\.ipynb$/, ".html"), title, question: lead, picture };
}

/**
 * A self-contained page.
 *
 * @param plotly Source of plotly.js, put into pages with figures that need it.
 */
export function notebookPage(
  notebook: Notebook,
  place: { readonly chapter: Chapter; readonly previous?: Chapter; readonly next?: Chapter },
  plotly: string,
): string {
  const markdown = new MarkdownPage();
  const cells = notebook.cells.map((cell) =>
    cell.cell_type === "markdown"
      ? `<section class="prose">${markdown.render(joined(cell.source))}</section>`
      : cell.cell_type === "code"
      ? codeHtml(cell)
      : ""
  );
  const contents = markdown.headings.filter(({ depth }) => depth === 2).map(({ id, title }) =>
    `<li><a href="#${id}">${title}</a></li>`
  );
  const { chapter, previous, next } = place;
  const link = (to: Chapter | undefined, before: string, after: string) =>
    to ? `<a href="${to.file}">${before}${to.title}${after}</a>` : "<span></span>";
  const body = `
<nav class="contents"><a href="index.html">All notebooks</a><ol>${contents.join("")}</ol></nav>
<main class="notebook">
${cells.join("\n")}
<nav class="turn">${link(previous, "← ", "")}${link(next, "", " →")}</nav>
</main>
${hasPlotly(notebook) ? scriptElement(plotly) + scriptElement(drawFigures) : ""}`;
  return pageHtml(chapter.title, body);
}

function codeHtml({ source, outputs, execution_count }: CodeCell): string {
  const code = joined(source).trimEnd();
  const shown = outputs.map((output) => `<div class="output">${outputHtml(output)}</div>`).join("");
  const listing = code === ""
    ? ""
    : `<pre class="listing" data-count="${execution_count ?? " "}">` +
      `<code>${highlighted(code)}</code></pre>`;
  return `<section class="cell">${listing}${shown}</section>`;
}

function hasPlotly({ cells }: Notebook): boolean {
  return cells.some((cell) =>
    cell.cell_type === "code" &&
    cell.outputs.some((output) => "data" in output && plotlyType in output.data)
  );
}

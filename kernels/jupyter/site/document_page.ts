/** Renders a Markdown file as a page. */

import { type Links, MarkdownPage, titleAndLead } from "./markdown.ts";
import type { Page } from "./page.ts";

/**
 * A page of a Markdown file.
 *
 * @param name Names the file in errors.
 * @param file Name of the page.
 * @throws {SyntaxError} If the text does not begin with a title and a paragraph.
 */
export function documentPage(name: string, text: string, file: string, links: Links): Page {
  const { title, lead } = titleAndLead(text);
  if (title === undefined || lead === undefined) {
    throw new SyntaxError(
      `Cannot publish ${name}: expected a heading of level 1 and a paragraph below it`,
    );
  }
  const markdown = new MarkdownPage(links);
  const body = `<div class="prose">${markdown.render(text)}</div>`;
  return { file, title, lead, body, headings: markdown.headings, sections: markdown.sections };
}

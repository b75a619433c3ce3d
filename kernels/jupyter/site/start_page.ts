/** The site's start page. */

import { MarkdownPage } from "./markdown.ts";
import type { Chapter } from "./notebook_page.ts";
import { pageHtml } from "./page.ts";

const prose = await Deno.readTextFile(new URL("start.md", import.meta.url));

/** Explains the project and lists the notebooks, each with its question and its picture. */
export function startPage(chapters: readonly Chapter[]): string {
  const cards = chapters.map(({ file, title, question, picture }) => `
<a class="card" href="${file}">
${picture ? `<img alt="" src="${picture}">` : `<div class="no-picture"></div>`}
<h2>${title}</h2>
<p>${question}</p>
</a>`);
  return pageHtml(
    "nnU-Net, live",
    `<main class="start"><section class="prose">${new MarkdownPage().render(prose)}</section>
<section class="cards">${cards.join("")}</section></main>`,
  );
}

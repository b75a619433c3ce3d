/** The frame that all pages share. */

import { escapeHtml } from "./output_html.ts";
import type { Heading, Section } from "./markdown.ts";

/** Marks pages of the site, so that only they are replaced. */
export const generatorMark = '<meta name="generator" content="nnunet-ts">';

const start = "index.html";

/** Returns a symbol of 24 × 24 units, drawn with strokes. */
const icon = (paths: string) =>
  `<svg viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor" ` +
  `stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${paths}</svg>`;
const sun = icon(
  '<circle cx="12" cy="12" r="4"/><path d="M12 2v2M12 20v2M4.9 4.9l1.4 1.4M17.7 17.7l1.4 1.4M2 12h2' +
    'M20 12h2M4.9 19.1l1.4-1.4M17.7 6.3l1.4-1.4"/>',
);
const moon = icon('<path d="M20.5 14.5A8.5 8.5 0 0 1 9.5 3.5a8.5 8.5 0 1 0 11 11Z"/>');

/** Opens the list of pages where there is room beside the page, before it is first painted. */
const openMenu = 'document.querySelector(".menu").open = matchMedia("(min-width: 68rem)").matches';

/** What the lists of pages show of a page. */
export interface PageLink {
  /** Its file beside the start page. */
  readonly file: string;
  /** As HTML. */
  readonly title: string;
  /** Its first paragraph, as HTML. */
  readonly lead: string;
  /** Attributes of the picture that represents it. */
  readonly picture?: string;
  /** Whether that picture is higher than wide. */
  readonly hasHighPicture?: boolean;
}

/** A page without its frame. */
export interface Page extends PageLink {
  /** As HTML. */
  readonly body: string;
  readonly headings: readonly Heading[];
  /** Texts to search. */
  readonly sections: readonly Section[];
}

/** Pages of one kind, in reading order. */
export interface PageGroup {
  readonly title: string;
  /** Identifier of the group on the start page. */
  readonly id: string;
  readonly pages: readonly PageLink[];
}

/** A page with its frame. */
export function framedPage(page: Page, groups: readonly PageGroup[]): string {
  const { pages } = groups.find(({ pages }) => pages.some(({ file }) => file === page.file))!;
  const at = pages.findIndex(({ file }) => file === page.file);
  const [previous, next] = [pages[at - 1], pages[at + 1]];
  const turn = [
    previous && `<a rel="prev" href="${previous.file}"><span>Previous</span>${previous.title}</a>`,
    next && `<a rel="next" href="${next.file}"><span>Next</span>${next.title}</a>`,
  ].filter(Boolean).join("");
  return pageHtml(
    page.title,
    `<div class="columns">
<nav class="pages" aria-label="Pages">
<details class="menu"><summary>Pages and contents</summary>${pageLists(page, groups)}</details>
<script>${openMenu}</script>
</nav>
<main id="content" tabindex="-1">
${page.body}
${turn && `<nav class="turn" aria-label="Previous and next page">${turn}</nav>`}
</main>
</div>`,
    groups,
  );
}

/** All pages, with the contents of the current one. */
function pageLists(current: Page, groups: readonly PageGroup[]): string {
  const contents = current.headings.filter(({ depth }) => depth === 2).map(({ id, title }) =>
    `<li><a href="#${id}">${title}</a></li>`
  ).join("");
  const item = ({ file, title }: PageLink) =>
    file === current.file
      ? `<li><a href="${file}" aria-current="page">${title}</a>` +
        `${contents && `<ul class="contents" aria-label="On this page">${contents}</ul>`}</li>`
      : `<li><a href="${file}">${title}</a></li>`;
  return groups.map(({ title, pages }) =>
    `<p class="group">${title}</p><ul>${pages.map(item).join("")}</ul>`
  ).join("");
}

/**
 * A page from its content.
 *
 * @param title As HTML.
 * @param content As HTML, with a `main` element.
 * @param groups The site's pages, to which the header leads.
 */
export function pageHtml(title: string, content: string, groups: readonly PageGroup[]): string {
  const plainTitle = escapeHtml(title.replace(/<[^>]*>/g, "").replaceAll("&amp;", "&"));
  const links = groups.map(({ title, id }) => `<a href="${start}#${id}">${title}</a>`).join("");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${generatorMark}
<title>${plainTitle} · nnunet-ts</title>
<link rel="icon" href="assets/logo.svg">
<link rel="stylesheet" href="assets/site.css">
<script src="assets/theme.js"></script>
<script src="assets/views.js"></script>
<script src="assets/page.js" defer></script>
<script src="assets/search.js" defer></script>
</head>
<body>
<a class="skip" href="#content">Skip to content</a>
<header class="top">
<a class="brand" href="${start}"><img alt="" width="26" height="26" src="assets/logo.svg">nnunet-ts</a>
<nav aria-label="Site">${links}</nav>
<search class="search" hidden>
<input type="search" role="combobox" aria-label="Search" placeholder="Search  ( / )"
 aria-expanded="false" aria-controls="results" aria-autocomplete="list" autocomplete="off"
 spellcheck="false">
<ul id="results" role="listbox" aria-label="Search results" hidden></ul>
<p class="sr-only" role="status"></p>
</search>
<button class="theme" type="button" hidden aria-pressed="false" aria-label="Dark theme" title="Dark theme">${sun}${moon}</button>
</header>
${content}
<footer class="bottom">
<p>nnU-Net in TypeScript. <a href="license.txt">Apache License 2.0</a>. The method is Isensee et al.,
<a href="https://doi.org/10.1038/s41592-020-01008-z"><cite>nnU-Net: a self-configuring method for
deep learning-based biomedical image segmentation</cite></a>, Nature Methods 18, 203–211 (2021).</p>
</footer>
</body>
</html>
`;
}

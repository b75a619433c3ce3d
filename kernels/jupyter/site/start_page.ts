/** The site's start page. */

import { liteFile } from "./lite_page.ts";
import { liveFile } from "./live_page.ts";
import { type Links, listing, MarkdownPage, type Section } from "./markdown.ts";
import { escapeHtml } from "./output_html.ts";
import { type PageGroup, pageHtml, type PageLink } from "./page.ts";
import type { RunState } from "./run_state.ts";

const prose = await Deno.readTextFile(new URL("start.md", import.meta.url));

/** What the start page shows. */
export interface StartContent {
  readonly groups: readonly PageGroup[];
  readonly state: RunState;
  readonly links: Links;
}

/** Identifiers of the groups of pages. */
export const groupIds = { course: "course", howTo: "how-to", project: "project" } as const;

const run = listing("npx -y deno@2.9.6 task jupyter", "sh");

/** Introductions of the groups. */
const introductions: Readonly<Record<string, string>> = {
  [groupIds.course]: `<p>Each notebook answers one question with figures that you can move: sliders
page through slices, legends switch classes, curves zoom. They computed everything you see here from
brain-like phantoms that come with the project. To run them, change them and use your own scans, open
them in JupyterLab from a copy of the project:</p>${run}`,
  [groupIds.howTo]: "<p>Short answers, with the commands to type.</p>",
  [groupIds.project]: "",
};

/** The page that explains the project and lists all others. */
export function startPage(
  { groups, state, links }: StartContent,
): { html: string; sections: Section[] } {
  const markdown = new MarkdownPage(links);
  const intro = markdown.render(prose);
  const picture = links.picture("data/example.png");
  const has = (file: string) =>
    groups.some(({ pages }) => pages.some((page) => page.file === file));
  const second = (file: string, text: string) =>
    has(file) ? `<a class="button second" href="${file}">${text}</a>` : "";
  const lists = groups.map((group) =>
    `<section aria-labelledby="${group.id}">
<h2 id="${group.id}">${group.title}</h2>
${introductions[group.id] ?? ""}
${group.id === groupIds.course ? cards(group.pages) : briefs(group.pages)}
</section>`
  );
  const html = pageHtml(
    "nnU-Net, live",
    `<main id="content" class="start" tabindex="-1">
<div class="hero"><div class="prose">${intro}
<p class="actions"><a class="button" href="${groups[0].pages[0].file}">Begin the course</a>${
      second(liveFile, "Train in this browser") + second(liteFile, "Run the notebooks here")
    }</p></div>
<figure><img alt="A brain in three views: image, ground truth, prediction and errors" ${picture}>
<figcaption>A test case of the bundled data after the tutorial’s short training.</figcaption></figure>
</div>
${stateNotice(state)}
${lists.join("\n")}
</main>`,
    groups,
  );
  return { html, sections: markdown.sections };
}

function cards(pages: readonly PageLink[]): string {
  return `<ul class="cards">${
    pages.map(({ file, title, lead, picture, hasHighPicture }) => `
<li class="card">
<h3><a href="${file}">${title}</a></h3>
<p>${lead}</p>
<div class="picture${hasHighPicture ? " high" : ""}">${
      picture ? `<img loading="lazy" alt="" ${picture}>` : ""
    }</div>
</li>`).join("")
  }</ul>`;
}

function briefs(pages: readonly PageLink[]): string {
  return `<ul class="briefs">${
    pages.map(({ file, title, lead }) =>
      `<li><h3><a href="${file}">${title}</a></h3><p>${lead}</p></li>`
    ).join("")
  }</ul>`;
}

/** Says what is missing in the runs of which the site is made. */
function stateNotice({ short, unfinished, outdated, notRun }: RunState): string {
  const list = (names: readonly string[]) =>
    names.map((name) => `<code>${escapeHtml(name)}</code>`).join(", ");
  const lines = [
    ...short.length > 0
      ? [
        `Run with short settings, which check that everything works: ${list(short)}. Networks have
hardly learnt, so numbers and pictures are worse than the text says.`,
      ]
      : [],
    ...notRun.length > 0 ? [`Not run, and missing here: ${list(notRun)}.`] : [],
    ...unfinished.length > 0 ? [`Ended before the last cell: ${list(unfinished)}.`] : [],
    ...outdated.length > 0 ? [`Changed since they were run: ${list(outdated)}.`] : [],
  ];
  if (lines.length === 0) return "";
  return `<aside class="notice" aria-label="About this run">
<p><strong>This site was made of a partial run.</strong></p>
<ul>${lines.map((line) => `<li>${line}</li>`).join("")}</ul>
<p><code>deno task notebooks</code> runs all notebooks with full settings.</p></aside>`;
}

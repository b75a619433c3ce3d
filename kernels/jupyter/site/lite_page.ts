/** The page that lists the notebooks which run in the reader's browser. */

import { liteFolder, type LiteNotebook } from "../lite/lite_notebook.ts";
import { escapeHtml } from "./output_html.ts";
import type { Page } from "./page.ts";

/** File of the page. */
export const liteFile = "lite.html";

/** Address of a notebook in JupyterLite. */
function addressOf({ name }: LiteNotebook): string {
  return `${liteFolder}/notebooks/index.html?path=${encodeURIComponent(name)}`;
}

/** The page. */
export function litePage(notebooks: readonly LiteNotebook[]): Page {
  const title = "Notebooks in this browser";
  const lead = "The course’s notebooks in JupyterLite: run and change them in this browser, with " +
    "nothing to install.";
  const rows = notebooks.map((notebook) => {
    const { codeCells, leftOut, offered } = notebook;
    const name = escapeHtml(notebook.title);
    const runs = `${codeCells - leftOut.length} of ${codeCells}`;
    return `<tr><td>${
      offered ? `<a href="${escapeHtml(addressOf(notebook))}">${name}</a>` : name
    }</td>
<td>${offered ? runs : "not here"}</td><td>${inWords(leftOut)}</td></tr>`;
  });
  const notes = [
    "This computer does the work, and nothing leaves it. JupyterLite runs in pages from a web server, " +
    "which only has to serve files, not in pages that were opened from a disk.",
    "Files are in the memory of the tab and end with the notebook’s kernel. Changes of notebooks are " +
    "kept by the browser.",
    "A cell is left out if it uses Deno, the command line or a part of the library that a page does " +
    "not have. Notebooks of which more than half is left out are not offered.",
  ];
  return {
    file: liteFile,
    title,
    lead,
    body: `<div class="prose">
<h1 id="lite-title">${title}</h1>
<p>${lead}</p>
<ul>${notes.map((note) => `<li>${note}</li>`).join("\n")}</ul>
<div class="wide" role="group" aria-label="Notebooks" tabindex="0" style="overflow-x:auto"><table>
<thead><tr><th>notebook</th><th>cells that run</th><th>cells that are left out</th></tr></thead>
<tbody>${rows.join("\n")}</tbody></table></div>
</div>`,
    headings: [],
    sections: [{ id: "", heading: title, text: [lead, ...notes].join(" ") }],
  };
}

/** The reasons, those of single names counted only. */
function inWords(leftOut: readonly string[]): string {
  if (leftOut.length === 0) return "none";
  const counts = new Map<string, number>();
  for (const reason of leftOut) {
    const kind = reason.startsWith("needs ") ? "needs a cell that is left out" : reason;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts].map(([reason, count]) =>
    `${count} ${escapeHtml(reason).replaceAll(/`([^`]*)`/g, "<code>$1</code>")}`
  ).join("; ");
}

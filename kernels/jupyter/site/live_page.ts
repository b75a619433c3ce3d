/** The page in which the course's steps run in the reader's browser. */

import { basename, join } from "@std/path";
import { wasmNames } from "../../../lib/browser/page_resources.ts";
import { formatBytes } from "../../../lib/options/format_bytes.ts";
import type { Assets } from "./assets.ts";
import type { Page } from "./page.ts";

/** File of the page. */
export const liveFile = "live.html";

/** Folder of what the page loads, among the site's assets. */
export const livePartsFolder = "live";

/** The steps of the page that do what a notebook does, by the beginning of the notebook's name. */
const steps: readonly (readonly [notebook: string, step: string, what: string])[] = [
  ["01_", "data", "make scans and labels"],
  ["02_", "plan", "plan with sliders"],
  ["03_", "train", "preprocess and train"],
  ["04_", "train", "train a network"],
  ["05_", "predict", "segment a scan"],
];

/** Returns a notebook's link to the step that does the same in the page; empty if there is none. */
export function runHere(notebook: string): string {
  const found = steps.find(([beginning]) => basename(notebook).startsWith(beginning));
  if (!found) return "";
  const [, step, what] = found;
  return `<aside class="notice" aria-label="Run this here"><p><a href="${liveFile}#${step}">Run this
here</a>: ${what} in this browser, without installing anything.</p></aside>`;
}

/** The page's sections, which its script fills with what can be done there. */
const sections: readonly {
  readonly id: string;
  readonly title: string;
  readonly text: string;
}[] = [
  {
    id: "data",
    title: "1. Scans and labels",
    text: "Brain-like scans with their label maps, made by this page. Each has its own shape, " +
      "folds, noise and contrast. With more of them, a network generalises better. Making others " +
      "removes these and the networks trained on them.",
  },
  {
    id: "plan",
    title: "2. Planning",
    text:
      "nnU-Net’s rules choose patch, batch and network from the scans and from the memory of a " +
      "GPU. Its defaults, 8 GB and 32 features, are for days of training; for minutes on a " +
      "processor, plan for far less. Move the sliders: the plans follow. Networks that were " +
      "trained with other plans are kept.",
  },
  {
    id: "train",
    title: "3. Training",
    text:
      "The same steps, augmentation and files as on a computer of your own. Stop when you like, " +
      "or close the tab: a training resumes after its last finished epoch.",
  },
  {
    id: "predict",
    title: "4. Prediction",
    text: "A window slides over a scan that the network has never seen, mirrored views are " +
      "averaged, and the label map is compared with the truth. Choose Errors below the picture " +
      "to see where they differ.",
  },
  {
    id: "export",
    title: "5. A page of your own",
    text: "One file that contains the trained network and everything it needs. Whoever opens it " +
      "can drop a scan on it and gets the label map.",
  },
  { id: "files", title: "Your files", text: "" },
];

/** Whether the page loads a file before anything else. */
function isLoadedFirst(name: string): boolean {
  return (wasmNames as readonly string[]).includes(name);
}

/**
 * The page.
 *
 * @param parts Folder of the scripts and WebAssembly.
 * @param assets Takes what the page loads.
 */
export async function livePage(parts: string, assets: Assets): Promise<Page> {
  const folder = `assets/${livePartsFolder}/`;
  let bytes = 0;
  for await (const { name, isFile } of Deno.readDir(parts)) {
    if (!isFile) continue;
    const content = await Deno.readFile(join(parts, name));
    assets.add(`${livePartsFolder}/${name}`, content);
    if (isLoadedFirst(name)) bytes += content.length;
  }
  const style = await Deno.readFile(new URL("live/live.css", import.meta.url));
  assets.add(`${livePartsFolder}/live.css`, style);
  const title = "The course, live";
  const lead =
    "Make phantoms, plan, train a network while you watch, segment a scan with it and take it home " +
    "as a page: in this browser, with nothing to install.";
  return {
    file: liveFile,
    title,
    lead,
    body: `<link rel="stylesheet" href="${folder}live.css">
<div class="prose">
<h1 id="live-title">${title}</h1>
<p>${lead} It takes a few minutes on one processor. Nothing leaves this computer.</p>
</div>
<div id="live" data-parts="${folder}" data-bytes="${bytes}"><p role="status">Loading ${
      formatBytes(bytes)
    } of WebAssembly …</p>
<noscript><p>This page computes with scripts; allow it to run them.</p></noscript></div>
${
      sections.map(({ id, title, text }) =>
        `<section id="${id}" class="step" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${text && `<p>${text}</p>`}
</section>`
      ).join("\n")
    }
<script src="${folder}live.js" defer></script>`,
    headings: sections.map(({ id, title }) => ({ depth: 2, id, title })),
    sections: [
      { id: "", heading: title, text: lead },
      ...sections.map(({ id, title, text }) => ({ id, heading: title, text })),
    ],
  };
}

/** Defines outputs to show in a notebook or to write to a file. */

import type { Figure } from "../display/figure.ts";
import { xmlText } from "../display/xml_text.ts";
import { printable } from "../untrusted/printable.ts";
import { responsive } from "./responsive_figure.ts";

/** One output in several formats by MIME type; Jupyter front ends show the richest. */
export type MimeBundle = Readonly<Record<string, unknown>>;

/** Parts of an {@link Output}; at least one of `html` and `png`. */
export interface OutputParts {
  /** Title; also names the file outside a notebook. */
  readonly title: string;
  /** Plain text, for front ends that show neither pages nor pictures. */
  readonly text: string;
  /** Self-contained fragment of a page. */
  readonly html?: string;
  /** Figure for front ends with Plotly, drawn as wide as there is room. */
  readonly plotly?: Figure;
  /** Picture, shown by front ends without Plotly; `text` describes it to those who do not see it. */
  readonly png?: Uint8Array;
  /** Width and height of `png` in CSS pixels; those of the picture by default. */
  readonly pngSize?: readonly [width: number, height: number];
  /** Draws the picture for a file; `png` by default. */
  readonly draw?: () => Promise<Uint8Array>;
}

/** Method that Jupyter calls on the value of a cell's last expression. */
const display = Symbol.for("Jupyter.display");

/**
 * A picture, viewer or table. A cell whose last expression is an output shows it.
 *
 * @example
 * ```ts
 * import { Output } from "nnunet/notebook";
 * import assert from "node:assert/strict";
 *
 * const output = new Output({ title: "Greeting", text: "Hello", html: "<b>Hello</b>" });
 * assert.deepEqual(output.bundle, { "text/html": "<b>Hello</b>", "text/plain": "Hello" });
 * ```
 */
export class Output implements OutputParts {
  readonly title: string;
  readonly text: string;
  readonly html?: string;
  readonly plotly?: Figure;
  readonly png?: Uint8Array;
  readonly pngSize?: readonly [width: number, height: number];
  readonly draw?: () => Promise<Uint8Array>;

  /**
   * Makes an output.
   *
   * @param parts Title, text and content.
   */
  constructor({ title, text, html, plotly, png, pngSize, draw }: OutputParts) {
    this.title = title;
    this.text = text;
    this.html = html;
    this.plotly = plotly;
    this.png = png;
    this.pngSize = pngSize;
    this.draw = draw ?? (png && (() => Promise.resolve(png)));
  }

  /** The formats that a front end may choose from. */
  get bundle(): MimeBundle {
    const bundle: Record<string, unknown> = {};
    if (this.plotly) bundle["application/vnd.plotly.v1+json"] = responsive(this.plotly);
    // As a page, a picture has a description and fits its cell. As `image/png` it has neither, and
    // JupyterLab shows it in place of a figure until the pointer is over it.
    const html = this.html ?? (this.png && imageTag(this.png, this.text, this.pngSize));
    if (html !== undefined) bundle["text/html"] = html;
    // Front ends and terminals act on control sequences in plain text.
    bundle["text/plain"] = printable(this.text, { keepLines: true });
    return bundle;
  }

  /**
   * Called by Jupyter to show the output.
   *
   * @returns The formats that a front end may choose from.
   */
  [display](): MimeBundle {
    return this.bundle;
  }
}

/** Wraps a fragment in a complete page, in the reader's colours. */
export function standalonePage(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${xmlText(title)}</title>
<style>
:root { color-scheme: light dark; --nnunet-text: CanvasText; }
body { margin: clamp(8px, 3vw, 24px); font: 15px/1.5 system-ui, "DejaVu Sans", sans-serif; }
/* For those who do not see the title that figures have. */
h1 { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); margin: 0; }
</style>
<body>
<main>
<h1>${xmlText(title)}</h1>
${body}
</main>
</body>
</html>
`;
}

/**
 * Returns an `img` element with an embedded PNG, whose place is reserved before it is decoded.
 *
 * @param size Width and height in CSS pixels, where there is room; the picture's by default.
 */
export function imageTag(
  png: Uint8Array,
  alternative: string,
  size: readonly [width: number, height: number] = pixelsOf(png),
): string {
  const [width, height] = size.map(Math.round);
  return `<img alt="${xmlText(alternative)}" width="${width}" height="${height}" ` +
    `style="max-width:100%;height:auto" src="data:image/png;base64,${png.toBase64()}">`;
}

/** Width and height of a PNG, which are the first values of its first chunk. */
function pixelsOf(png: Uint8Array): [width: number, height: number] {
  const header = new DataView(png.buffer, png.byteOffset, png.byteLength);
  return [header.getUint32(16), header.getUint32(20)];
}

/**
 * Returns a fragment that is scrolled if it is wider than its container, also by keys.
 *
 * @param label What it contains, for those who do not see it.
 */
export function scrollable(label: string, content: string): string {
  return `<div role="group" aria-label="${xmlText(label)}" tabindex="0" ` +
    `style="overflow-x:auto;max-width:100%">${content}</div>`;
}

/** A widget of a page. */
export interface LiveElement {
  /** Source of a module with a function named `open` that takes the element and `data`. */
  readonly script: string;
  /** Name of the function. */
  readonly open: string;
  /** What the function is given, as JSON. */
  readonly data: unknown;
  /** What the element contains if scripts are blocked. */
  readonly fallback: string;
}

/**
 * Returns an interactive fragment of a page, which shows the fallback if scripts are blocked.
 *
 * The script runs before the page is painted, which a module would not, so that nothing moves. Keys
 * that are pressed in the fragment stay there: JupyterLab looks for the attribute, others listen.
 */
export function liveElement({ script, open, data, fallback }: LiveElement): string {
  const id = `nnunet-${crypto.randomUUID()}`;
  // The data must not contain the end tag of the script element.
  const json = JSON.stringify(data).replaceAll("<", "\\u003c");
  return `<div id="${id}" data-lm-suppress-shortcuts="true">${fallback}</div><script>` +
    `(() => {\n"use strict";\n${script.replace(/^export /gm, "")}\n${keepKeys}\n` +
    `const host = document.getElementById("${id}");\nkeepKeys(host);\n${open}(host, ${json});\n` +
    `})();</script>`;
}

/**
 * JupyterLab ignores keys while the focus is in the fragment, and leaves it there when another cell is
 * clicked, which therefore has to end it.
 */
const keepKeys = `function keepKeys(host) {
  document.addEventListener("pointerdown", ({ target }) => {
    if (host.contains(target) || !host.contains(document.activeElement)) return;
    (host.shadowRoot?.activeElement ?? document.activeElement).blur();
  }, { capture: true });
  host.addEventListener("keydown", (event) => {
    if (event.key !== "Tab" && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.stopPropagation();
    }
  });
}`;

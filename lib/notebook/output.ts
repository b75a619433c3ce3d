/** Defines outputs to show in a notebook or to write to a file. */

import type { Figure } from "../display/figure.ts";
import { xmlText } from "../display/png.ts";
import { printable } from "../untrusted/printable.ts";

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
  /** Picture, shown by front ends without Plotly. */
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
    if (this.html !== undefined) bundle["text/html"] = this.html;
    if (this.png) {
      // JupyterLab shows a figure's `image/png` first, at the size of its pixels, until the pointer is
      // over it. Front ends without Plotly show a page's picture as well.
      if (this.plotly) bundle["text/html"] ??= imageTag(this.png, this.text, this.pngSize?.[0]);
      else bundle["image/png"] = this.png.toBase64();
    }
    // Front ends and terminals act on control sequences in plain text.
    bundle["text/plain"] = printable(this.text, { keepLines: true });
    return bundle;
  }

  /** Metadata of the formats, such as a picture's size. */
  get metadata(): MimeBundle {
    if (!this.png || !this.pngSize || this.plotly) return {};
    const [width, height] = this.pngSize;
    return { "image/png": { width, height } };
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

/** Wraps a fragment in a complete page. */
export function standalonePage(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${xmlText(title)}</title>
<style>body { margin: 24px; font: 15px/1.5 system-ui, "DejaVu Sans", sans-serif; }</style>
<body>
${body}
</body>
</html>
`;
}

/** Makes a figure as wide as its container. */
export function responsive({ data, layout: { width: _, ...layout } }: Figure) {
  return {
    data,
    layout: { ...layout, autosize: true },
    config: { responsive: true, displaylogo: false },
  };
}

/**
 * Returns an `img` element with an embedded PNG.
 *
 * @param width Width in CSS pixels, where there is room; the picture's by default.
 */
export function imageTag(png: Uint8Array, alternative: string, width?: number): string {
  const widthAttribute = width === undefined ? "" : ` width="${width}"`;
  return `<img alt="${xmlText(alternative)}"${widthAttribute} ` +
    `style="max-width:100%;height:auto" src="data:image/png;base64,${png.toBase64()}">`;
}

/**
 * Returns an interactive fragment of a page. Until its script runs, or if scripts are blocked, it
 * shows the fallback.
 *
 * @param script Source of a module with a function named `open` that takes the element and `data`.
 */
export function liveElement(
  { script, open, data, fallback }: {
    readonly script: string;
    readonly open: string;
    readonly data: unknown;
    readonly fallback: string;
  },
): string {
  const id = `nnunet-${crypto.randomUUID()}`;
  // The data must not contain the end tag of the script element.
  const json = JSON.stringify(data).replaceAll("<", "\\u003c");
  return `<div id="${id}">${fallback}</div><script type="module">\n${script}\n` +
    `${open}(document.getElementById("${id}"), ${json});\n</script>`;
}

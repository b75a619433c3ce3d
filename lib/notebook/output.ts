/** Something to look at: in a notebook, or in a file where there is none. */

import type { Figure } from "../display/figure.ts";
import { escapeXml } from "../display/png.ts";

/** What Jupyter shows: one thing in several formats, of which a front end takes the richest. */
export type MimeBundle = Readonly<Record<string, unknown>>;

/** What an {@link Output} is made of; at least one of `html` and `png`. */
export interface OutputParts {
  /** Names the file outside a notebook. */
  readonly title: string;
  /** What remains where nothing can be drawn. */
  readonly text: string;
  /** Part of a page that needs nothing but itself. */
  readonly html?: string;
  readonly plotly?: Figure;
  /** The picture beside `plotly`. */
  readonly png?: Uint8Array;
  /** Width and height of `png` in the page, if not one pixel for each of its own. */
  readonly pngSize?: readonly [width: number, height: number];
  /** Draws the picture for a file, where it differs from `png`. */
  readonly draw?: () => Promise<Uint8Array>;
}

/** Jupyter asks the value of a cell's last expression for this. */
const display = Symbol.for("Jupyter.display");

/** A picture, viewer or table. As the last expression of a cell, it is what the cell shows. */
export class Output implements OutputParts {
  readonly title: string;
  readonly text: string;
  readonly html?: string;
  readonly plotly?: Figure;
  readonly png?: Uint8Array;
  readonly pngSize?: readonly [width: number, height: number];
  readonly draw?: () => Promise<Uint8Array>;

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
    if (this.plotly) bundle["application/vnd.plotly.v1+json"] = this.plotly;
    if (this.html !== undefined) bundle["text/html"] = this.html;
    if (this.png) bundle["image/png"] = this.png.toBase64();
    bundle["text/plain"] = this.text;
    return bundle;
  }

  /** What front ends have to know about the formats. */
  get metadata(): MimeBundle {
    if (!this.png || !this.pngSize) return {};
    const [width, height] = this.pngSize;
    return { "image/png": { width, height } };
  }

  [display](): MimeBundle {
    return this.bundle;
  }
}

/** A page of its own for a part of one. */
export function standalonePage(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeXml(title)}</title>
<style>body { margin: 24px; font: 15px/1.5 system-ui, "DejaVu Sans", sans-serif; }</style>
<body>
${body}
</body>
</html>
`;
}

/** A picture in a page. */
export function imageTag(png: Uint8Array, alternative: string): string {
  return `<img alt="${escapeXml(alternative)}" style="max-width:100%" ` +
    `src="data:image/png;base64,${png.toBase64()}">`;
}

/**
 * A part of a page that a script brings to life: until it runs, and where none may, the picture
 * stands there.
 *
 * @param script Source of a module whose function of the name `open` takes the element and `data`.
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
  // Inside a script element nothing may look like its end.
  const json = JSON.stringify(data).replaceAll("<", "\\u003c");
  return `<div id="${id}">${fallback}</div><script type="module">\n${script}\n` +
    `${open}(document.getElementById("${id}"), ${json});\n</script>`;
}

/** Takes the heavy parts out of a page; `views.js` loads them when they come into view. */

import { createRequire } from "node:module";
import type { Assets } from "./assets.ts";
import { withPictureFiles } from "./pictures.ts";

/** Characters of a script from which on it is loaded when its output comes into view. */
const HEAVY = 20_000;

/** Names of the scripts that views share. */
const shared = { plotly: "plotly.js", niivue: "niivue.js" } as const;

/** What `views.js` does to open a view. */
type View =
  | { readonly needs: readonly string[]; readonly figure: unknown }
  | { readonly needs: readonly string[]; readonly scripts: readonly Script[] };

interface Script {
  readonly type: string;
  readonly text: string;
}

/** An element other than a script, or a script. Attributes may contain scripts of frames. */
const element =
  /<(?!script\b)[a-z][\w-]*(?:"[^"]*"|'[^']*'|[^'">])*>|<script\b([^>]*)>([^]*?)<\/script\s*>/gi;

/** The heavy parts of one page. */
export class Views {
  readonly assets: Assets;
  readonly #page: string;
  #count = 0;

  /** @param page Begins the names of the page's files. */
  constructor(page: string, assets: Assets) {
    this.assets = assets;
    this.#page = page;
  }

  /** Returns a fragment of a page without its heavy scripts, and with its pictures as files. */
  deferred(html: string): string {
    const scripts: Script[] = [];
    const light = html.replaceAll(element, (whole, attributes?: string, text?: string) => {
      if (text === undefined) return withPictureFiles(whole, this.assets);
      const usesNiivue = text.includes("nnunetNiivue");
      if (text.length < HEAVY && !usesNiivue) return whole;
      const type = attributes!.match(/\btype="([^"]+)"/)?.[1] ?? "text/javascript";
      scripts.push({ type, text: usesNiivue ? this.#withoutNiivue(text) : text });
      return "";
    });
    if (scripts.length === 0) return light;
    const needs = scripts.some(({ text }) => text.includes("nnunetNiivue")) ? [shared.niivue] : [];
    return this.#view("live", light, { needs, scripts });
  }

  /** Returns a figure, which is drawn over the content. */
  plotly(figure: unknown, { content, height }: { content: string; height: number }): string {
    this.assets.addOnce(shared.plotly, () => {
      // The smaller of plotly's two builds.
      const path = createRequire(import.meta.url).resolve("plotly.js-dist-min/plotly.min.js");
      return Deno.readFileSync(path);
    });
    return this.#view("chart", content, { needs: [shared.plotly], figure }, `height:${height}px`);
  }

  #view(kind: string, content: string, view: View, style = ""): string {
    const key = `${this.#page}-${++this.#count}`;
    this.assets.add(`${key}.js`, `nnunetViews.define("${key}", ${JSON.stringify(view)});`);
    return `<div class="${kind}" data-view="${key}"${
      style && ` style="${style}"`
    }>${content}</div>`;
  }

  /**
   * A notebook's first 3D view contains NiiVue for all others (`lib/notebook/surface_viewer.js`).
   * In the site all pages share it.
   */
  #withoutNiivue(script: string): string {
    return script.replace(/(?<="niivue":)"([^"]+)"/, (_, packed: string) => {
      this.assets.addOnce(shared.niivue, () => niivueScript(packed));
      return "null";
    });
  }
}

/** A script that provides NiiVue as `surface_viewer.js` expects it. */
const niivueScript = (packed: string) =>
  `(async () => {
  globalThis.nnunetNiivue ??= Promise.withResolvers();
  const bytes = Uint8Array.from(atob("${packed}"), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const module = new Blob([await new Response(stream).arrayBuffer()], { type: "text/javascript" });
  nnunetNiivue.resolve(import(URL.createObjectURL(module)));
})();`;

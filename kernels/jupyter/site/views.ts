/** Takes the heavy parts out of a page; `views.js` loads them when they come into view. */

import { plotlyMinScript } from "../../../lib/packages/plotly_min.ts";
import { packageFile } from "../../../lib/platform/package_file.ts";
import type { Assets } from "./assets.ts";
import { withPictureFiles } from "./pictures.ts";

/** Name of the file with plotly.js. */
const plotlyFile = "plotly.js";
/** What the scripts of 3D views share under this name, and its key in their data. */
const niivue = "niivue";

/** Packed data in a script, such as voxels: base64 that is worth a file. */
const packed = /"([A-Za-z\d+/]{4000,}={0,2})"/g;

/** An element other than a script, or a script. Attributes may contain scripts of frames. */
const element =
  /<(?!script\b)[a-z][\w-]*(?:"[^"]*"|'[^']*'|[^'">])*>|(<script\b[^>]*>)([^]*?)<\/script\s*>/gi;

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

  /**
   * Returns a fragment of a page without packed data and with its pictures as files.
   *
   * Its scripts run at once, so that outputs have their size from the beginning. In place of packed
   * data they get promises, which the viewers of `lib/notebook/` wait for.
   */
  deferred(html: string): string {
    return html.replaceAll(element, (whole, tag?: string, script?: string) => {
      if (script === undefined) return withPictureFiles(whole, this.assets);
      // A module could not say which element it draws into.
      if (/\btype=/.test(tag!)) return whole;
      return `${tag}${this.#withoutPacked(script)}</script>`;
    });
  }

  /** Returns a figure, which is drawn over the content when it comes into view. */
  plotly(figure: unknown, { content, height }: { content: string; height: number }): string {
    this.assets.addOnce(plotlyFile, () => Deno.readFileSync(packageFile(plotlyMinScript)));
    const key = this.#define(figure);
    return `<div class="chart" data-chart="${key}" style="height:${height}px">${content}</div>`;
  }

  #withoutPacked(script: string): string {
    const usesNiivue = script.includes("nnunetNiivue");
    let light = script;
    if (usesNiivue) {
      // A notebook's first 3D view contains NiiVue for all others; here all pages share it.
      light = light.replace(new RegExp(`(?<="${niivue}":)${packed.source}`), (_, text: string) => {
        this.assets.addOnce(`${niivue}.js`, () => definition(niivue, text));
        return `nnunetViews.shared("${niivue}")`;
      });
    }
    const texts: string[] = [];
    const key = `${this.#page}-${this.#count + 1}`;
    light = light.replaceAll(packed, (_, text: string) => {
      texts.push(text);
      return `nnunetViews.text("${key}", ${texts.length - 1})`;
    });
    if (texts.length > 0) this.#define(texts);
    return usesNiivue ? `nnunetViews.need("${niivue}");${light}` : light;
  }

  /** Writes a value to a file. Pages that are opened without a server can load nothing but scripts. */
  #define(value: unknown): string {
    const key = `${this.#page}-${++this.#count}`;
    this.assets.add(`${key}.js`, definition(key, value));
    return key;
  }
}

const definition = (key: string, value: unknown) =>
  `nnunetViews.define("${key}", ${JSON.stringify(value)});`;

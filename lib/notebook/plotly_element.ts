/** Plotly figures in a page without a server. */

import { createRequire } from "node:module";
import type { Figure } from "../display/figure.ts";

/** A figure that can be zoomed and hovered over, with Plotly's script (4.8 MB) beside it. */
export async function plotlyElement(figure: Figure): Promise<string> {
  const path = createRequire(import.meta.url).resolve("plotly.js-dist-min");
  const script = await Deno.readTextFile(path);
  const { data, layout } = figure;
  const json = (value: unknown) => JSON.stringify(value).replaceAll("<", "\\u003c");
  const id = `plot-${crypto.randomUUID()}`;
  return `<script>${script}</script><div id="${id}"></div>` +
    `<script>Plotly.newPlot("${id}", ${json(data)}, ${json(layout)});</script>`;
}

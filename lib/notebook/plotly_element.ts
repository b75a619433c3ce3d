/** Embeds Plotly figures in pages that need no server. */

import type { Figure } from "../display/figure.ts";
import { plotlyMinScript } from "../packages/plotly_min.ts";
import { packageFile } from "../platform/package_file.ts";
import { responsive } from "./responsive_figure.ts";

/** Returns a fragment with an interactive figure and Plotly's script (4.8 MB). */
export async function plotlyElement(figure: Figure): Promise<string> {
  const script = await Deno.readTextFile(packageFile(plotlyMinScript));
  const { data, layout, config: common } = responsive(figure);
  const config = { ...common, responsive: true };
  const json = (value: unknown) => JSON.stringify(value).replaceAll("<", "\\u003c");
  const id = `plot-${crypto.randomUUID()}`;
  const { width, height } = figure.layout;
  return `<script>${script}</script>` +
    `<div id="${id}" style="max-width:${width}px;height:${height}px"></div>` +
    `<script>Plotly.newPlot("${id}", ${json(data)}, ${json(layout)}, ${json(config)});</script>`;
}

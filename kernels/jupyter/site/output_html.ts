/** Renders the outputs of cells as HTML. */

import { escapeXml } from "../../../lib/display/png.ts";
import { joined, type MimeBundle, type Output, type Text } from "../notebook_file.ts";
import { terminalHtml } from "./terminal_text.ts";

/** The media type of figures that plotly.js draws. */
export const plotlyType = "application/vnd.plotly.v1+json";

type Show = (content: unknown, bundle: MimeBundle) => string;

const picture = (type: string): Show => (content) =>
  `<img alt="" src="data:${type};base64,${joined(content as Text).replaceAll("\n", "")}">`;

/** How media types are rendered, in order of preference. */
const shows: readonly (readonly [type: string, show: Show])[] = [
  [plotlyType, plotlyFigure],
  ["text/html", (content) => joined(content as Text)],
  [
    "image/svg+xml",
    (content) =>
      `<img alt="" src="data:image/svg+xml,${encodeURIComponent(joined(content as Text))}">`,
  ],
  ["image/png", picture("image/png")],
  ["image/jpeg", picture("image/jpeg")],
  ["text/plain", (content) => `<pre>${terminalHtml(joined(content as Text))}</pre>`],
];

/** An output in the best form that a page can show. */
export function outputHtml(output: Output): string {
  if (output.output_type === "stream") {
    return `<pre class="${output.name}">${terminalHtml(joined(output.text))}</pre>`;
  }
  if (output.output_type === "error") {
    return `<pre class="error">${terminalHtml(output.traceback.join("\n"))}</pre>`;
  }
  const [type, show] = shows.find(([type]) => type in output.data) ?? [];
  return type ? show!(output.data[type], output.data) : "";
}

/** The picture of an output, as a data URL. */
export function pictureOf(output: Output): string | undefined {
  if (!("data" in output)) return undefined;
  for (const type of ["image/png", "image/jpeg"]) {
    const content = output.data[type] as Text | undefined;
    if (content) return `data:${type};base64,${joined(content).replaceAll("\n", "")}`;
  }
  // The picture that a figure shows until its script runs.
  const html = joined(output.data["text/html"] as Text | undefined ?? "");
  return html.match(/<img\b[^>]*\bsrc="(data:image\/(?:png|jpeg);base64,[^"]+)"/)?.[1];
}

/** A figure for {@link drawFigures}, with its picture where scripts are disabled. */
function plotlyFigure(figure: unknown, bundle: MimeBundle): string {
  const page = bundle["text/html"] as Text | undefined;
  const still = page ? `<noscript>${joined(page)}</noscript>` : "";
  return `<div class="plotly-figure"><script type="application/json">${
    JSON.stringify(figure).replaceAll("<", "\\u003c")
  }</script></div>${still}`;
}

/** Script that draws the figures of a page with plotly.js. */
export const drawFigures = `
for (const figure of document.querySelectorAll(".plotly-figure")) {
  const { data, layout, config, frames } = JSON.parse(figure.querySelector("script").textContent);
  figure.style.height = (layout?.height ?? 450) + "px";
  Plotly.newPlot(figure, { data, layout, frames, config: { responsive: true, ...config } });
}`;

/** A script as an element of a page. */
export function scriptElement(source: string): string {
  return `<script>${source.replaceAll("</script", "<\\/script")}</script>`;
}

/** Text as an element's content. */
export const escapeHtml = escapeXml;

/** Renders the outputs of cells as HTML. */

import { escapeXml } from "../../../lib/display/xml_text.ts";
import { joined, type MimeBundle, type Output, type Text } from "../notebook_file.ts";
import { withPictureFiles } from "./pictures.ts";
import { terminalHtml } from "./terminal_text.ts";
import type { Views } from "./views.ts";

/** The media type of figures that plotly.js draws. */
export const plotlyType = "application/vnd.plotly.v1+json";

/** A figure of {@link plotlyType}. */
interface PlotlyFigure {
  readonly layout?: { readonly height?: number };
}

type Show = (content: unknown, bundle: MimeBundle, views: Views) => string;

const picture = (type: string): Show => (content, bundle, { assets }) => {
  const alternative = escapeHtml(joined(bundle["text/plain"] as Text | undefined ?? ""));
  const tag = `<img alt="${alternative}" src="${dataUrl(type, content as Text)}">`;
  return withPictureFiles(tag, assets);
};

/** How media types are rendered, in order of preference. */
const shows: readonly (readonly [type: string, show: Show])[] = [
  [plotlyType, plotlyFigure],
  ["text/html", (content, _, views) => views.deferred(joined(content as Text))],
  ["image/svg+xml", picture("image/svg+xml")],
  ["image/png", picture("image/png")],
  ["image/jpeg", picture("image/jpeg")],
  ["text/plain", (content) => `<pre>${terminalHtml(joined(content as Text))}</pre>`],
];

/** An output in the best form that a page can show. */
export function outputHtml(output: Output, views: Views): string {
  if (output.output_type === "stream") {
    return `<pre class="${output.name}">${terminalHtml(joined(output.text))}</pre>`;
  }
  if (output.output_type === "error") {
    return `<pre class="error">${terminalHtml(output.traceback.join("\n"))}</pre>`;
  }
  const [type, show] = shows.find(([type]) => type in output.data) ?? [];
  return type ? show!(output.data[type], output.data, views) : "";
}

/** The picture of an output, as a data URL. */
export function pictureOf(output: Output): string | undefined {
  if (!("data" in output)) return undefined;
  for (const type of ["image/png", "image/jpeg"]) {
    const content = output.data[type] as Text | undefined;
    if (content) return dataUrl(type, content);
  }
  // The picture that a figure shows until its script runs.
  const html = joined(output.data["text/html"] as Text | undefined ?? "");
  return html.match(/<img\b[^>]*\bsrc="(data:image\/(?:png|jpeg|svg\+xml)[;,][^"]+)"/)?.[1];
}

/** A figure that plotly.js draws when it comes into view; until then, its picture. */
function plotlyFigure(figure: unknown, bundle: MimeBundle, views: Views): string {
  const still = ["text/html", "image/svg+xml", "image/png", "image/jpeg"].flatMap((type) => {
    const show = shows.find(([each]) => each === type)![1];
    return type in bundle ? [show(bundle[type], bundle, views)] : [];
  })[0] ?? "";
  const height = (figure as PlotlyFigure).layout?.height ?? 450;
  const content = `<div class="still">${still}</div><div class="drawn"></div>`;
  return views.plotly(figure, { content, height });
}

function dataUrl(type: string, content: Text): string {
  const text = joined(content);
  return type === "image/svg+xml"
    ? `data:${type},${encodeURIComponent(text)}`
    : `data:${type};base64,${text.replaceAll("\n", "")}`;
}

/** Text as an element's content or attribute. */
export const escapeHtml = escapeXml;

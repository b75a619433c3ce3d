/**
 * Renders Plotly figures with the page's own browser; stands in for `lib/display/render_figure.ts`.
 */

import type { Figure } from "../../../../lib/display/figure.ts";
import type { RenderedFigure } from "../../../../lib/display/render_figure.ts";
import { svgToPng } from "./png.ts";

/** Name of Plotly's script, beside that of the course. */
export const plotlyFile = "plotly.min.js";

/** The parts of a page and of Plotly that are used. */
interface Page {
  readonly document: {
    createElement(tag: string): Element;
    readonly body: { append(element: Element): void };
  };
  readonly Plotly: {
    newPlot(element: Element, data: unknown, layout: unknown, config: unknown): Promise<unknown>;
    toImage(element: Element, options: Record<string, unknown>): Promise<string>;
    purge(element: Element): void;
  };
}

interface Element {
  remove(): void;
}

const page = globalThis as unknown as Page;
let address: string | undefined;
let loaded: Promise<unknown> | undefined;

/** Sets the address of Plotly's script, which the first figure loads. */
export function setPlotlyAddress(given: string): void {
  address = given;
}

/** Renders a figure to PNG, as `lib/display/render_figure.ts` does. */
export async function renderFigure(
  figure: Figure,
  options: { readonly pixelRatio?: number } = {},
): Promise<Uint8Array<ArrayBuffer>> {
  return (await drawFigure(figure, options)).png;
}

/** Renders a figure to SVG and PNG, as `lib/display/render_figure.ts` does. */
export async function drawFigure(
  figure: Figure,
  { pixelRatio = 1 }: { readonly pixelRatio?: number } = {},
): Promise<RenderedFigure> {
  await (loaded ??= import(address!));
  const element = page.document.createElement("div");
  page.document.body.append(element); // Texts can only be measured in the page.
  // Plotly writes its defaults into its arguments.
  const { data, layout } = structuredClone(figure);
  try {
    await page.Plotly.newPlot(element, data, layout, { staticPlot: true });
    const svg = await page.Plotly.toImage(element, {
      format: "svg",
      width: layout.width,
      height: layout.height,
      imageDataOnly: true,
    });
    return { svg, png: await svgToPng(svg, { width: pixelRatio * layout.width }) };
  } finally {
    page.Plotly.purge(element);
    element.remove();
  }
}

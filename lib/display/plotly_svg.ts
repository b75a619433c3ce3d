/** Renders Plotly figures to SVG without a browser, in a simulated window. */

import type { Figure } from "./figure.ts";
import { plotlyScript } from "../packages/plotly.ts";
import { readTextFile } from "../platform/files.ts";
import { packageFile } from "../platform/package_file.ts";

/** The part of Plotly's interface that is used here. */
interface Plotly {
  newPlot(element: unknown, data: unknown, layout: unknown, config: unknown): Promise<unknown>;
  toImage(element: unknown, options: Record<string, unknown>): Promise<string>;
  purge(element: unknown): void;
}

interface PlotlyWindow {
  readonly Plotly: Plotly;
  readonly document: { createElement(tag: string): unknown };
}

let opened: Promise<PlotlyWindow> | undefined;

/**
 * Renders a figure to SVG.
 *
 * The first call loads Plotly and blocks the thread for about a second, later calls for a tenth of
 * that; call it in a worker. Plotly and its window take about 100 MB.
 *
 * @returns An SVG of the size in the figure's layout.
 */
export async function figureToSvg(figure: Figure): Promise<string> {
  opened ??= openWindow();
  const { Plotly, document } = await opened;
  const element = document.createElement("div");
  // Plotly writes its defaults into its arguments.
  const { data, layout } = structuredClone(figure);
  try {
    await Plotly.newPlot(element, data, layout, { staticPlot: true });
    return await Plotly.toImage(element, {
      format: "svg",
      width: layout.width,
      height: layout.height,
      imageDataOnly: true,
    });
  } finally {
    Plotly.purge(element);
  }
}

/** Opens a window with Plotly, whose script requires `window` and `self`. */
async function openWindow(): Promise<PlotlyWindow> {
  const { JSDOM } = await import("../packages/jsdom.ts");
  const script = packageFile(plotlyScript);
  const { window } = new JSDOM("<!doctype html><body></body>", { runScripts: "outside-only" });

  // Plotly requires layout and canvas, which jsdom does not implement.
  window.URL.createObjectURL = () => "";
  window.HTMLCanvasElement.prototype.getContext = () => null;
  window.SVGElement.prototype.getBBox = boundingBox;
  window.SVGElement.prototype.getBoundingClientRect = boundingBox;
  window.eval(await readTextFile(script));
  return window;
}

/** The part of an SVG node that determines its box. */
interface SvgNode {
  readonly tagName: string;
  readonly textContent: string | null;
  readonly style: { readonly fontSize: string };
  getAttribute(name: string): string | null;
  querySelectorAll(selector: string): Iterable<SvgNode>;
}

/** Edges of a rectangle, in pixels. */
interface Rectangle {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Returns the box around a node's text, which Plotly uses to place titles and legends. */
function boundingBox(this: SvgNode) {
  const texts = this.tagName === "text" ? [this] : [...this.querySelectorAll("text")];
  const boxes = texts.length === 0
    ? [{ left: 0, right: 0, top: 0, bottom: 0 }]
    : texts.map(textBox);
  const left = Math.min(...boxes.map((box) => box.left));
  const right = Math.max(...boxes.map((box) => box.right));
  const top = Math.min(...boxes.map((box) => box.top));
  const bottom = Math.max(...boxes.map((box) => box.bottom));
  return { x: left, y: top, width: right - left, height: bottom - top, left, right, top, bottom };
}

/** Estimates a text's box from letters 0.6 em wide, DejaVu Sans's average. */
function textBox(text: SvgNode): Rectangle {
  const size = parseFloat(text.style.fontSize) || 12;
  const width = (text.textContent ?? "").length * size * 0.6;
  const transform = text.getAttribute("transform") ?? "";
  const shift = /translate\(([-\d.]+)[ ,]*([-\d.]*)\)/.exec(transform);
  const x = Number(text.getAttribute("x")) + Number(shift?.[1] ?? 0);
  const baseline = Number(text.getAttribute("y")) + Number(shift?.[2] ?? 0);
  const before = { middle: 0.5, end: 1 }[text.getAttribute("text-anchor") ?? "start"] ?? 0;
  if (transform.includes("rotate(-90")) { // Text of y axis titles runs upwards.
    const bottom = baseline + before * width;
    return { left: x - size, right: x + 0.2 * size, top: bottom - width, bottom };
  }
  const left = x - before * width;
  return { left, right: left + width, top: baseline - size, bottom: baseline + 0.2 * size };
}

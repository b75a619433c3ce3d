/** Makes outputs of drawings that are legible on light and dark pages, at any width. */

import { Output } from "./output.ts";
import { fontFamily, svgToPng } from "../display/png.ts";
import { xmlText } from "../display/xml_text.ts";

/**
 * Colours of drawings without a background. Text stands in filled shapes, white; lines and the few
 * words beside them have 4.5 : 1 on white and 4.2 : 1 on #111.
 */
export const ink = {
  line: "#777777",
  step: "#0b5394",
  question: "#8a4b08",
  branch: "#5b3f8c",
  result: "#1b6b3a",
  text: "#ffffff",
  /** For outlines and grids: at least 3.9 : 1 on white and on #111. */
  fine: "#2f7fc4",
  coarse: "#b06a20",
} as const;

/** A drawing, and what it shows in words. */
export interface Drawing {
  /** Elements of an SVG. */
  readonly content: string;
  readonly width: number;
  readonly height: number;
  /** Alternative text. */
  readonly text: string;
}

/** Returns a drawing as a complete SVG. */
export function svgOf({ content, width, height }: Drawing): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
    `viewBox="0 0 ${width} ${height}" font-family="${fontFamily}, system-ui, sans-serif">` +
    `${content}</svg>`;
}

/**
 * Returns an element that shows a drawing, narrower where there is no room. An image keeps its text
 * together even where pages are sanitised, as in notebooks that are not trusted.
 *
 * @param width Largest width in CSS pixels.
 */
export function imageOf(drawing: Drawing, width: number): string {
  const source = new TextEncoder().encode(svgOf(drawing)).toBase64();
  // Both sizes, so that its room is known before it is decoded.
  const height = Math.round(drawing.height * width / drawing.width);
  return `<img alt="${xmlText(drawing.text)}" width="${width}" height="${height}" ` +
    `style="max-width:100%;height:auto" src="data:image/svg+xml;base64,${source}">`;
}

/**
 * Makes an output of a drawing.
 *
 * @param width Largest width in CSS pixels.
 */
export async function svgOutput(title: string, drawing: Drawing, width: number): Promise<Output> {
  return new Output({
    title,
    text: `${title}: ${drawing.text}`,
    html: imageOf(drawing, width),
    png: await svgToPng(svgOf(drawing), { width: 2 * width }),
    pngSize: [width, Math.round(drawing.height * width / drawing.width)],
  });
}

/** Draws texts, marks and legends of dark pictures as SVG. */

import { hexOf, type Rgb } from "./class_colors.ts";
import { errorColors, type ErrorKind, isOnStripe } from "./overlay.ts";
import { xmlText } from "./xml_text.ts";

/** Colours of everything other than scans. */
export const theme = {
  background: "#0d1117",
  panel: "#000000",
  text: "#f0f3f6",
  quiet: "#9ea7b3",
};

/** A colour swatch and its label. */
export interface LegendItem {
  readonly label: string;
  readonly color: Rgb;
  /** The kind of error whose hatching the swatch has; it is plain by default. */
  readonly hatched?: ErrorKind;
}

/** The legend of errors. */
export const errorItems: readonly LegendItem[] = Object.entries(errorColors).map(
  ([kind, color]) => ({ label: kind, color, hatched: kind as ErrorKind }),
);

/** Draws legend items from left to right, wrapping lines; `bottom` is the last baseline. */
export function drawLegend(items: readonly LegendItem[], left: number, top: number, right: number) {
  const [size, lineHeight] = [14, 26];
  let [x, y] = [left, top];
  const svg = items.map(({ label, color, hatched }) => {
    const width = 20 + textWidth(label, size) + 18;
    if (x > left && x + width > right) [x, y] = [left, y + lineHeight];
    const item = `<rect x="${x}" y="${y - 11}" width="13" height="13" rx="3" ` +
      `fill="${hexOf(color)}"${hatched ? ' fill-opacity="0.3"' : ""}/>` +
      (hatched ? stripes(hatched, x, y - 11, color) : "") + text(x + 20, y, label, { size });
    x += width;
    return item;
  });
  return { svg: svg.join(""), bottom: items.length === 0 ? 0 : y };
}

/** Draws the stripes of an error's swatch, pixel by pixel, as they are in the picture. */
function stripes(kind: ErrorKind, left: number, top: number, color: Rgb): string {
  const dots = Array.from({ length: 13 * 13 }, (_, i) => [i % 13, Math.floor(i / 13)])
    .filter(([x, y]) => isOnStripe(kind, x, y))
    .map(([x, y]) => `M${left + x} ${top + y}h1v1h-1z`);
  return `<path d="${dots.join("")}" fill="${hexOf(color)}"/>`;
}

/** Estimates a text's width in pixels; DejaVu Sans's letters are 0.6 em wide on average. */
export function textWidth(content: string, size: number): number {
  return content.length * size * 0.6;
}

/** Font size, colour and weight of a text. */
interface TextStyle {
  readonly size: number;
  readonly color?: string;
  readonly bold?: boolean;
}

/** Draws a line of text that starts at a point on its baseline, in pixels. */
export function text(x: number, y: number, content: string, style: TextStyle): string {
  return `<text x="${x}" y="${y}" font-size="${style.size}" fill="${style.color ?? theme.text}" ` +
    `xml:space="preserve"${style.bold ? ' font-weight="bold"' : ""}>${xmlText(content)}</text>`;
}

/** Draws text on a scan, outlined in black to be legible on any grey. */
export function mark(
  x: number,
  y: number,
  content: string,
  anchor: "start" | "end" = "start",
): string {
  const common = `x="${x}" y="${y}" font-size="13" text-anchor="${anchor}" xml:space="preserve"`;
  const safe = xmlText(content);
  return `<text ${common} fill="none" stroke="#000000" stroke-width="3" stroke-opacity="0.7" ` +
    `stroke-linejoin="round">${safe}</text><text ${common} fill="${theme.text}">${safe}</text>`;
}

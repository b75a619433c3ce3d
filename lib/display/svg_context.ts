/** A canvas's 2D context that writes SVG, for drawings that are made with and without a page. */

import type { DrawingContext } from "./draw_curves.ts";
import { xmlText } from "./xml_text.ts";

/** What `save()` keeps. */
interface State extends
  Pick<
    DrawingContext,
    "fillStyle" | "strokeStyle" | "lineWidth" | "font" | "textAlign" | "textBaseline"
  > {
  readonly dashes: readonly number[];
  /** Transforms, in SVG's words, the outermost first. */
  readonly transforms: readonly string[];
}

const anchors: Readonly<Record<string, string>> = { left: "start", center: "middle", right: "end" };

/** How far below its point a text's baseline is, in font sizes. */
const baselines: Readonly<Record<string, number>> = { alphabetic: 0, middle: 0.35, top: 0.85 };

/**
 * Collects what is drawn. Only what {@link DrawingContext} has is supported; styles are CSS colours,
 * and of fonts only the size counts.
 */
export class SvgContext implements DrawingContext {
  fillStyle: unknown = "#000000";
  strokeStyle: unknown = "#000000";
  lineWidth = 1;
  font = "10px sans-serif";
  textAlign = "left";
  textBaseline = "alphabetic";
  readonly #elements: string[] = [];
  readonly #saved: State[] = [];
  #dashes: readonly number[] = [];
  #transforms: readonly string[] = [];
  #path = "";

  save(): void {
    const { fillStyle, strokeStyle, lineWidth, font, textAlign, textBaseline } = this;
    const styles = { fillStyle, strokeStyle, lineWidth, font, textAlign, textBaseline };
    this.#saved.push({ ...styles, dashes: this.#dashes, transforms: this.#transforms });
  }

  restore(): void {
    const state = this.#saved.pop();
    if (!state) return;
    const { dashes, transforms, ...styles } = state;
    Object.assign(this, styles);
    this.#dashes = dashes;
    this.#transforms = transforms;
  }

  scale(x: number, y: number): void {
    this.#transforms = [...this.#transforms, `scale(${x} ${y})`];
  }

  translate(x: number, y: number): void {
    this.#transforms = [...this.#transforms, `translate(${x} ${y})`];
  }

  rotate(angle: number): void {
    this.#transforms = [...this.#transforms, `rotate(${angle * 180 / Math.PI})`];
  }

  fillRect(x: number, y: number, width: number, height: number): void {
    this.#add(
      `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="${this.fillStyle}"`,
      "/>",
    );
  }

  fillText(text: string, x: number, y: number): void {
    const size = parseFloat(this.font);
    const baseline = y + size * baselines[this.textBaseline];
    this.#add(
      `<text x="${x}" y="${baseline}" font-size="${size}" fill="${this.fillStyle}" ` +
        `text-anchor="${anchors[this.textAlign]}"`,
      `>${xmlText(text)}</text>`,
    );
  }

  setLineDash(segments: number[]): void {
    this.#dashes = segments;
  }

  beginPath(): void {
    this.#path = "";
  }

  moveTo(x: number, y: number): void {
    this.#path += `M${x} ${y}`;
  }

  lineTo(x: number, y: number): void {
    this.#path += `L${x} ${y}`;
  }

  /** Adds a circle's arc, clockwise; SVG needs two of them for a whole circle. */
  arc(x: number, y: number, radius: number, start: number, end: number): void {
    const at = (angle: number) => `${x + radius * Math.cos(angle)} ${y + radius * Math.sin(angle)}`;
    const middle = (start + end) / 2;
    const arcTo = (angle: number) => `A${radius} ${radius} 0 0 1 ${at(angle)}`;
    this.#path += `M${at(start)}${arcTo(middle)}${arcTo(end)}`;
  }

  stroke(): void {
    const dashes = this.#dashes.length > 0 ? ` stroke-dasharray="${this.#dashes.join(" ")}"` : "";
    this.#add(
      `<path d="${this.#path}" fill="none" stroke="${this.strokeStyle}" ` +
        `stroke-width="${this.lineWidth}"${dashes}`,
      "/>",
    );
  }

  fill(): void {
    this.#add(`<path d="${this.#path}" fill="${this.fillStyle}"`, "/>");
  }

  /** Returns the drawing so far, in pixels. */
  toSvg({ width, height }: { readonly width: number; readonly height: number }): string {
    return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
      `viewBox="0 0 ${width} ${height}">${this.#elements.join("")}</svg>`;
  }

  #add(open: string, close: string): void {
    const transforms = this.#transforms.join(" ");
    this.#elements.push(open + (transforms ? ` transform="${transforms}"` : "") + close);
  }
}

/** Worker that draws figures: takes numbered ones, answers with PNGs or errors. */

import { parentPort } from "node:worker_threads";
import type { Figure } from "./figure.ts";
import { figureToSvg } from "./plotly_svg.ts";
import { svgToPng } from "./png.ts";

/** A picture to draw. */
export interface FigureRequest {
  readonly id: number;
  readonly figure: Figure;
  readonly pixelRatio: number;
}

/** A picture drawn, or why not. */
export type FigureReply =
  | { readonly id: number; readonly png: Uint8Array<ArrayBuffer> }
  | { readonly id: number; readonly error: Error };

parentPort?.on("message", async ({ id, figure, pixelRatio }: FigureRequest) => {
  try {
    const png = await svgToPng(await figureToSvg(figure), {
      width: pixelRatio * figure.layout.width,
    });
    parentPort?.postMessage({ id, png } satisfies FigureReply, [png.buffer]);
  } catch (error) {
    parentPort?.postMessage({ id, error: error as Error } satisfies FigureReply);
  }
});

/** Worker that draws numbered figures and answers with pictures or errors. */

import { answerMessages } from "../platform/background_worker.ts";
import { packError, type ThrownError } from "../runtime/thrown_error.ts";
import type { Figure } from "./figure.ts";
import { figureToSvg } from "./plotly_svg.ts";
import { svgToPng } from "./png.ts";

/** A figure to render. */
export interface FigureRequest {
  readonly id: number;
  readonly figure: Figure;
  readonly pixelRatio: number;
}

/** A rendered figure, or the error. */
export type FigureReply =
  | { readonly id: number; readonly svg: string; readonly png: Uint8Array<ArrayBuffer> }
  | { readonly id: number; readonly thrown: ThrownError };

answerMessages<FigureRequest, FigureReply>(async ({ id, figure, pixelRatio }) => {
  try {
    const svg = await figureToSvg(figure);
    const png = await svgToPng(svg, { width: pixelRatio * figure.layout.width });
    return { message: { id, svg, png }, transfer: [png.buffer] };
  } catch (error) {
    return { message: { id, thrown: packError(error) } };
  }
});

/** Worker that renders numbered figures and answers with PNGs or errors. */

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
  | { readonly id: number; readonly png: Uint8Array<ArrayBuffer> }
  | { readonly id: number; readonly thrown: ThrownError };

answerMessages<FigureRequest, FigureReply>(async ({ id, figure, pixelRatio }) => {
  try {
    const png = await svgToPng(await figureToSvg(figure), {
      width: pixelRatio * figure.layout.width,
    });
    return { message: { id, png }, transfer: [png.buffer] };
  } catch (error) {
    return { message: { id, thrown: packError(error) } };
  }
});

/** Worker that draws training curves: takes numbered logs, answers with PNGs or errors. */

import { parentPort } from "node:worker_threads";
import type { TrainingLog } from "../interop/training_log.ts";
import { curveFigure } from "./curve_figure.ts";
import { figureToSvg } from "./plotly_svg.ts";
import { svgToPng } from "./png.ts";

/** A picture to draw. */
export interface CurvesRequest {
  readonly id: number;
  readonly log: TrainingLog;
}

/** A picture drawn, or why not. */
export type CurvesReply =
  | { readonly id: number; readonly png: Uint8Array<ArrayBuffer> }
  | { readonly id: number; readonly error: Error };

parentPort?.on("message", async ({ id, log }: CurvesRequest) => {
  try {
    const png = await svgToPng(await figureToSvg(curveFigure(log)));
    parentPort?.postMessage({ id, png } satisfies CurvesReply, [png.buffer]);
  } catch (error) {
    parentPort?.postMessage({ id, error: error as Error } satisfies CurvesReply);
  }
});

/** Renders training curves to an image, nnU-Net's `progress.png`. */

import type { TrainingLog } from "../interop/training_log.ts";
import { drawCurves, pictureSize } from "./draw_curves.ts";
import { svgToPng } from "./png.ts";
import { SvgContext } from "./svg_context.ts";

/**
 * Renders losses, pseudo Dice, seconds per epoch and learning rate over the epochs so far.
 *
 * @param log The log of a training, as {@link Trainer.fit} yields it.
 * @returns A PNG of 1200 × 1000 pixels.
 * @throws {Error} If rendering fails.
 *
 * @example The curves of two epochs
 * ```ts
 * import assert from "node:assert/strict";
 * import { renderCurves } from "nnunet";
 *
 * const png = await renderCurves({
 *   trainLosses: [-0.2, -0.4],
 *   valLosses: [-0.3, -0.5],
 *   meanForegroundDice: [0.5, 0.7],
 *   emaForegroundDice: [0.5, 0.52],
 *   dicePerClass: [[0.5], [0.7]],
 *   learningRates: [0.01, 0.0055],
 *   epochStart: [0, 60],
 *   epochEnd: [60, 120],
 * });
 * assert.equal(new TextDecoder().decode(png.subarray(1, 4)), "PNG");
 * ```
 */
export function renderCurves(log: TrainingLog): Promise<Uint8Array<ArrayBuffer>> {
  // Plotly draws the same in notebooks; here it would need a simulated window, which takes three
  // seconds of a processor and 100 MB at the end of every training.
  const context = new SvgContext();
  drawCurves(context, log, pictureSize);
  return svgToPng(context.toSvg(pictureSize));
}

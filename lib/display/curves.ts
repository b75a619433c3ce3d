/** Renders training curves to an image, nnU-Net's `progress.png`. */

import type { TrainingLog } from "../interop/training_log.ts";
import { curveFigure } from "./curve_figure.ts";
import { renderFigure } from "./render_figure.ts";

/**
 * Renders losses, pseudo Dice, seconds per epoch and learning rate over the epochs so far, in a
 * worker.
 *
 * @param log The log of a training, as {@link Trainer.fit} yields it.
 * @returns A PNG of 1200 × 1000 pixels.
 * @throws {Error} If rendering fails.
 *
 * @example Saving the curves of a training after every epoch
 * ```ts ignore
 * import { renderCurves } from "nnunet";
 *
 * for await (const { log } of trainer.fit()) {
 *   await Deno.writeFile("progress.png", await renderCurves(log));
 * }
 * ```
 */
export function renderCurves(log: TrainingLog): Promise<Uint8Array<ArrayBuffer>> {
  return renderFigure(curveFigure(log));
}

/** Renders training curves in a page, `progress.png`; stands in for `lib/display/curves.ts`. */

import type { TrainingLog } from "../../interop/training_log.ts";
import { drawCurves, type DrawingContext, pictureSize } from "../../display/draw_curves.ts";

/** The parts of a canvas without a document that are used. */
interface Canvas {
  getContext(kind: "2d"): DrawingContext;
  convertToBlob(options: { readonly type: "image/png" }): Promise<Blob>;
}

const { OffscreenCanvas } = globalThis as unknown as {
  OffscreenCanvas: new (width: number, height: number) => Canvas;
};

/**
 * Renders losses, pseudo Dice, seconds per epoch and learning rate over the epochs so far.
 *
 * @param log The log of a training, as `Trainer.fit()` yields it.
 * @returns A PNG of 1200 × 1000 pixels.
 */
export async function renderCurves(log: TrainingLog): Promise<Uint8Array<ArrayBuffer>> {
  const canvas = new OffscreenCanvas(pictureSize.width, pictureSize.height);
  drawCurves(canvas.getContext("2d"), log, pictureSize);
  const png = await canvas.convertToBlob({ type: "image/png" });
  return new Uint8Array(await png.arrayBuffer());
}

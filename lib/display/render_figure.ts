/** Renders Plotly figures in a worker. */

import { type BackgroundWorker, startBackgroundWorker } from "../platform/background_worker.ts";
import { workerAddress } from "../platform/workers.ts";
import type { Figure } from "./figure.ts";
import type { FigureReply, FigureRequest } from "./figure_worker.ts";
import { unpackError } from "../runtime/thrown_error.ts";

/** One worker serves all calls, because loading Plotly takes much longer than rendering. */
let worker: BackgroundWorker | undefined;
let calls = 0;
const waiting = new Map<number, PromiseWithResolvers<RenderedFigure>>();

/** A figure as a picture. */
export interface RenderedFigure {
  /** A drawing of the layout's size. */
  readonly svg: string;
  /** The drawing's pixels. */
  readonly png: Uint8Array<ArrayBuffer>;
}

/**
 * Renders a figure to PNG.
 *
 * @param options.pixelRatio Image pixels per layout pixel, 1 by default.
 * @returns A PNG with the layout's size times `pixelRatio`.
 * @throws {Error} If rendering fails.
 */
export async function renderFigure(
  figure: Figure,
  options: { readonly pixelRatio?: number } = {},
): Promise<Uint8Array<ArrayBuffer>> {
  return (await drawFigure(figure, options)).png;
}

/**
 * Renders a figure to SVG and PNG.
 *
 * Rendering happens in a worker so that training continues meanwhile. The worker is kept for later
 * calls, but does not keep the process alive.
 *
 * @param options.pixelRatio Image pixels per layout pixel, 1 by default.
 * @returns The drawing, and its pixels with the layout's size times `pixelRatio`.
 * @throws {Error} If rendering fails.
 */
export function drawFigure(
  figure: Figure,
  { pixelRatio = 1 }: { readonly pixelRatio?: number } = {},
): Promise<RenderedFigure> {
  worker ??= startWorker();
  const reply = Promise.withResolvers<RenderedFigure>();
  const id = calls++;
  waiting.set(id, reply);
  worker.send({ id, figure, pixelRatio } satisfies FigureRequest);
  return reply.promise;
}

function startWorker(): BackgroundWorker {
  const started = startBackgroundWorker(
    workerAddress("./figure_worker.ts", import.meta),
    (message) => {
      const reply = message as FigureReply;
      const call = waiting.get(reply.id);
      waiting.delete(reply.id);
      if (waiting.size === 0) started.rest();
      if ("png" in reply) call?.resolve({ svg: reply.svg, png: reply.png });
      else {
        const cause = unpackError(reply.thrown);
        call?.reject(new Error(`Cannot render figure: ${cause.message}`, { cause }));
      }
    },
    (cause) => {
      for (const call of waiting.values()) {
        call.reject(new Error("Cannot render figure: the worker failed", { cause }));
      }
      waiting.clear();
      worker = undefined;
    },
  );
  return started;
}

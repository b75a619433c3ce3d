/** Training curves as a picture: nnU-Net's `progress.png`. */

import { Worker } from "node:worker_threads";
import type { TrainingLog } from "../interop/training_log.ts";
import type { CurvesReply, CurvesRequest } from "./curves_worker.ts";

/** One worker serves all calls, since loading Plotly takes far longer than drawing. */
let worker: Worker | undefined;
let calls = 0;
const waiting = new Map<number, PromiseWithResolvers<Uint8Array<ArrayBuffer>>>();

/**
 * Draws losses, pseudo Dice, seconds per epoch and learning rate over the epochs so far.
 *
 * Drawing happens in a worker, so that training goes on meanwhile. The worker stays for the next
 * call, but keeps no process alive.
 *
 * @returns A PNG of 1200 × 1000 pixels.
 * @throws {Error} If drawing fails.
 */
export function renderCurves(log: TrainingLog): Promise<Uint8Array<ArrayBuffer>> {
  worker ??= startWorker();
  const reply = Promise.withResolvers<Uint8Array<ArrayBuffer>>();
  const id = calls++;
  waiting.set(id, reply);
  worker.ref();
  worker.postMessage({ id, log } satisfies CurvesRequest);
  return reply.promise;
}

function startWorker(): Worker {
  const started = new Worker(new URL("./curves_worker.ts", import.meta.url));
  started.on("message", (reply: CurvesReply) => {
    const call = waiting.get(reply.id);
    waiting.delete(reply.id);
    if (waiting.size === 0) started.unref();
    if ("png" in reply) call?.resolve(reply.png);
    else {call?.reject(
        new Error(`Cannot draw curves: ${reply.error.message}`, { cause: reply.error }),
      );}
  });
  started.on("error", (cause) => {
    for (const call of waiting.values()) {
      call.reject(new Error("Cannot draw curves: the worker failed", { cause }));
    }
    waiting.clear();
    worker = undefined;
  });
  return started;
}

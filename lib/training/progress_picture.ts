/** Draws a training's curves to `progress.png`. */

import { join } from "../platform/paths.ts";
import { fileNames } from "../files/paths.ts";
import type { TrainingLog } from "../interop/training_log.ts";
import type { Remote } from "../runtime/remote.ts";
import type { WeightsApi } from "./weights_worker.ts";

/** Minimum seconds between pictures; drawing one takes a tenth of a second. */
const INTERVAL = 30;

/** Updates a fold's picture in the background while training continues. */
export class ProgressPicture {
  readonly #path: string;
  readonly #worker: Remote<WeightsApi>;
  #drawing: Promise<void> | undefined;
  /** When the last picture was finished, in milliseconds. */
  #drawn = performance.now();

  /**
   * @param folder Folder of the fold's results.
   * @param worker Draws. A worker of its own would block the calling thread whenever it starts.
   */
  constructor(folder: string, worker: Remote<WeightsApi>) {
    this.#path = join(folder, fileNames.progress);
    this.#worker = worker;
  }

  /** Starts drawing unless the last picture is recent or still being drawn. */
  refresh(log: TrainingLog): void {
    if (this.#drawing || performance.now() - this.#drawn < INTERVAL * 1000) return;
    // If drawing fails, it also fails in `finish()`, which reports the error.
    this.#drawing = this.#draw(log).catch(() => {}).finally(() => {
      this.#drawing = undefined;
      this.#drawn = performance.now();
    });
  }

  /**
   * Draws the final picture.
   *
   * @throws {Error} If it cannot be drawn or written.
   */
  async finish(log: TrainingLog): Promise<void> {
    await this.#drawing;
    await this.#draw(log);
  }

  async #draw(log: TrainingLog): Promise<void> {
    await this.#worker.call("drawProgress", [this.#path, log]);
  }
}

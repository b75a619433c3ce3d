/** The picture of a training's curves, `progress.png`. */

import { join } from "../platform/paths.ts";
import { renderCurves } from "../display/curves.ts";
import { fileNames } from "../files/paths.ts";
import type { TrainingLog } from "../interop/training_log.ts";
import { writeFileAtomically } from "../platform/atomic_write.ts";

/** Seconds between pictures; drawing one keeps a core busy for about one. */
const INTERVAL = 30;

/** Keeps a fold's picture up to date while training continues. */
export class ProgressPicture {
  readonly #path: string;
  #drawing: Promise<void> | undefined;
  /** When the last picture was finished. */
  #drawn = performance.now();

  /** @param folder Of the fold's results. */
  constructor(folder: string) {
    this.#path = join(folder, fileNames.progress);
  }

  /** Starts to draw unless the last picture is recent or still being drawn. */
  refresh(log: TrainingLog): void {
    if (this.#drawing || performance.now() - this.#drawn < INTERVAL * 1000) return;
    // If drawing fails, so does the last picture, which reports it.
    this.#drawing = this.#draw(log).catch(() => {}).finally(() => {
      this.#drawing = undefined;
      this.#drawn = performance.now();
    });
  }

  /**
   * Draws the last picture.
   *
   * @throws {Error} If it cannot be drawn or written.
   */
  async finish(log: TrainingLog): Promise<void> {
    await this.#drawing;
    await this.#draw(log);
  }

  async #draw(log: TrainingLog): Promise<void> {
    await writeFileAtomically(this.#path, await renderCurves(log));
  }
}

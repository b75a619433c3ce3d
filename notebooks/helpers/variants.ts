/** Trains variants of a network for a few epochs, and compares them. */

import { type Plans, Trainer, type TrainerOptions, type TrainingLog } from "nnunet";
import {
  chart,
  inNotebook,
  interruptible,
  lineFigure,
  LiveProgress,
  type Output,
  table,
} from "nnunet/notebook";

/** Variants of a training of `3d_fullres`. Their weights are not kept. */
export class Variants {
  readonly #plans: Plans;
  readonly #common: TrainerOptions;
  readonly #logs = new Map<string, TrainingLog>();

  /** @param common Options of all variants. */
  constructor(plans: Plans, common: TrainerOptions) {
    this.#plans = plans;
    this.#common = { ...common, checkpoints: false };
  }

  /**
   * Trains a variant with a bar; one of the same name is replaced.
   *
   * @param own What differs from the common options.
   */
  async train(name: string, own: TrainerOptions = {}): Promise<void> {
    const trainer = new Trainer(this.#plans, "3d_fullres", { ...this.#common, ...own });
    const bar = inNotebook() ? new LiveProgress(name) : undefined;
    const run = trainer.fit({
      signal: interruptible(),
      overwrite: true, // The log of the variant before.
      validation: false,
      onProgress: ({ epoch, epochs, phase, iteration, iterations }) =>
        bar?.update(
          (epoch + (phase === "training" ? iteration / iterations : 1)) / epochs,
          `epoch ${epoch + 1}`,
        ),
    });
    for await (const { log } of run) this.#logs.set(name, structuredClone(log));
    bar?.update(1, "done");
    await bar?.flush();
  }

  /** Draws the pseudo Dice of all variants. */
  async curves(): Promise<Output> {
    const series = [...this.#logs].map(([name, { meanForegroundDice }]) => ({
      name,
      x: meanForegroundDice.map((_, epoch) => epoch + 1),
      y: meanForegroundDice,
    }));
    const title = "Pseudo Dice of the validation patches";
    const figure = lineFigure(series, { title, x: "epoch", y: "pseudo Dice", height: 460 });
    return await chart(figure, { title: "Variants" });
  }

  /** The variants' last epochs in numbers. */
  get table(): Output {
    return table(
      ["variant", "pseudo Dice, last epoch", "its moving average", "seconds per epoch"],
      [...this.#logs].map(([name, log]) => {
        const seconds = log.epochEnd.map((end, epoch) => end - log.epochStart[epoch]);
        return [
          name,
          log.meanForegroundDice.at(-1)!,
          log.emaForegroundDice.at(-1)!,
          (seconds.reduce((sum, each) => sum + each, 0) / seconds.length).toFixed(1),
        ];
      }),
      { title: "Variants" },
    );
  }
}

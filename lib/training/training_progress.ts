/** How far a training has come, and how long it will take. */

/** Where a training stands. */
export interface TrainingProgress {
  /** From 0. */
  readonly epoch: number;
  readonly epochs: number;
  readonly phase: "training" | "validation";
  /** Steps done in this phase of the epoch. */
  readonly iteration: number;
  readonly iterations: number;
  /** Mean of the epoch's training losses so far. */
  readonly loss: number;
  /** Mean pseudo Dice of the epoch before; undefined in the first. */
  readonly dice?: number;
  readonly secondsLeft: number;
}

/** How an epoch can be watched and ended. */
export interface EpochOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TrainingProgress) => void;
}

type Phase = TrainingProgress["phase"];

/** Remembers how long steps took. */
export class Pace {
  readonly #means = { training: new MeanSeconds(), validation: new MeanSeconds() };

  /** Counts a step of so many milliseconds. */
  add(phase: Phase, milliseconds: number): void {
    this.#means[phase].add(milliseconds);
  }

  /**
   * Seconds for what is left of an epoch and for those after it.
   *
   * @param iteration Steps done in the phase.
   */
  secondsLeft(
    phase: Phase,
    iteration: number,
    epochsLeft: number,
    { iterations, validationIterations }: {
      readonly iterations: number;
      readonly validationIterations: number;
    },
  ): number {
    const { training, validation } = this.#means;
    const stepsLeft = epochsLeft * iterations + (phase === "training" ? iterations - iteration : 0);
    const validationStepsLeft = epochsLeft * validationIterations +
      (phase === "training" ? validationIterations : validationIterations - iteration);
    // Before the first validation, guess a third of a training step, which is its forward part.
    return stepsLeft * training.seconds +
      validationStepsLeft * (validation.count > 0 ? validation.seconds : training.seconds / 3);
  }
}

/** The mean of durations. */
class MeanSeconds {
  count = 0;
  #total = 0;

  add(milliseconds: number): void {
    this.count++;
    this.#total += milliseconds / 1000;
  }

  get seconds(): number {
    return this.count === 0 ? 0 : this.#total / this.count;
  }
}

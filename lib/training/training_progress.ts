/** Reports the progress of a training and estimates the remaining time. */

/** Progress of a training. */
export interface TrainingProgress {
  /** The current epoch, from 0. */
  readonly epoch: number;
  /** Number of epochs to train. */
  readonly epochs: number;
  /** What the epoch's current steps do. */
  readonly phase: "training" | "validation";
  /** Number of steps done in this phase of the epoch. */
  readonly iteration: number;
  /** Number of steps in this phase of the epoch. */
  readonly iterations: number;
  /** Mean of the epoch's training losses so far. */
  readonly loss: number;
  /** Mean pseudo Dice of the previous epoch; undefined in the first one. */
  readonly dice?: number;
  /** Estimated seconds until the last epoch ends. */
  readonly secondsLeft: number;
}

/** How to observe and abort an epoch. */
export interface EpochOptions {
  /** Aborts the epoch after the current step. */
  readonly signal?: AbortSignal;
  /** Called after every step. */
  readonly onProgress?: (progress: TrainingProgress) => void;
}

type Phase = TrainingProgress["phase"];

/** Estimates the remaining time from the mean duration of steps. */
export class Pace {
  readonly #means = { training: new MeanSeconds(), validation: new MeanSeconds() };

  /** Adds a step's duration. */
  add(phase: Phase, milliseconds: number): void {
    this.#means[phase].add(milliseconds);
  }

  /**
   * Estimates the seconds for the rest of the current epoch and the epochs after it.
   *
   * @param iteration Number of steps done in the phase.
   * @param epochsLeft Number of epochs after the current one.
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
    // Before the first validation step, assume a third of a training step: its forward pass.
    return stepsLeft * training.seconds +
      validationStepsLeft * (validation.count > 0 ? validation.seconds : training.seconds / 3);
  }
}

/** Mean of durations. */
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

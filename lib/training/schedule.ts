/** Schedules the learning rate over the epochs of a training. */

/** Returns the learning rate of an epoch, counted from 0, out of `epochs`. */
export type Schedule = (epoch: number, epochs: number) => number;

/** nnU-Net's learning rate in the first epoch. */
export const INITIAL_LEARNING_RATE = 0.01;

/**
 * Creates nnU-Net's polynomial decay, initial · (1 − epoch / epochs)^exponent.
 *
 * @param initial Learning rate of the first epoch, 0.01 by default.
 * @param exponent 0.9 by default.
 * @returns The schedule.
 * @see MIC-DKFZ/nnUNet nnunetv2/training/lr_scheduler/polylr.py
 *
 * @example A linear decay over four epochs
 * ```ts
 * import assert from "node:assert/strict";
 * import { polynomial } from "nnunet/parts";
 *
 * const schedule = polynomial(0.5, 1);
 * assert.deepEqual([0, 1, 2, 3].map((epoch) => schedule(epoch, 4)), [0.5, 0.375, 0.25, 0.125]);
 * ```
 */
export function polynomial(initial = INITIAL_LEARNING_RATE, exponent = 0.9): Schedule {
  return (epoch, epochs) => initial * (1 - epoch / epochs) ** exponent;
}

/**
 * Creates a decay from the initial rate towards 0 along half a cosine, as PyTorch's
 * `CosineAnnealingLR`.
 *
 * @param initial Learning rate of the first epoch, 0.01 by default.
 * @returns The schedule.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { cosine } from "nnunet/parts";
 *
 * const schedule = cosine(0.5);
 * assert.equal(schedule(0, 4), 0.5);
 * assert.equal(schedule(2, 4).toFixed(3), "0.250");
 * ```
 */
export function cosine(initial = INITIAL_LEARNING_RATE): Schedule {
  return (epoch, epochs) => initial * (1 + Math.cos(Math.PI * epoch / epochs)) / 2;
}

/**
 * Creates a schedule that rises linearly to the initial rate, then decays polynomially.
 *
 * @param initial Learning rate at the end of the rise, 0.01 by default.
 * @param rise Number of epochs of the rise, 50 by default.
 * @param exponent Of the polynomial decay, 0.9 by default.
 * @returns The schedule.
 * @see MIC-DKFZ/nnUNet nnunetv2/training/lr_scheduler/warmup.py
 *
 * @example Two epochs of warm-up
 * ```ts
 * import assert from "node:assert/strict";
 * import { warmedUp } from "nnunet/parts";
 *
 * const schedule = warmedUp(0.5, 2, 1);
 * assert.deepEqual([0, 1, 2, 3].map((epoch) => schedule(epoch, 4)), [0.25, 0.5, 0.5, 0.25]);
 * ```
 */
export function warmedUp(initial = INITIAL_LEARNING_RATE, rise = 50, exponent = 0.9): Schedule {
  return (epoch, epochs) =>
    epoch < rise
      ? initial * (epoch + 1) / rise
      : polynomial(initial, exponent)(epoch - rise, epochs - rise);
}

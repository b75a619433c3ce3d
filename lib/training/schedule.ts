/** Learning rates over a training. */

/** The learning rate of an epoch (counted from 0) out of a number of epochs. */
export type Schedule = (epoch: number, epochs: number) => number;

/** nnU-Net's learning rate of the first epoch. */
export const INITIAL_LEARNING_RATE = 0.01;

/**
 * nnU-Net's polynomial decay, initial · (1 − epoch / epochs)^0.9.
 *
 * @see MIC-DKFZ/nnUNet nnunetv2/training/lr_scheduler/polylr.py
 */
export function polynomial(initial = INITIAL_LEARNING_RATE, exponent = 0.9): Schedule {
  return (epoch, epochs) => initial * (1 - epoch / epochs) ** exponent;
}

/** Half a cosine from the initial rate down to nothing, as PyTorch's `CosineAnnealingLR`. */
export function cosine(initial = INITIAL_LEARNING_RATE): Schedule {
  return (epoch, epochs) => initial * (1 + Math.cos(Math.PI * epoch / epochs)) / 2;
}

/**
 * A linear rise to the initial rate over the first epochs, then polynomial decay over the others.
 *
 * @see MIC-DKFZ/nnUNet nnunetv2/training/lr_scheduler/warmup.py
 */
export function warmedUp(initial = INITIAL_LEARNING_RATE, rise = 50, exponent = 0.9): Schedule {
  return (epoch, epochs) =>
    epoch < rise
      ? initial * (epoch + 1) / rise
      : polynomial(initial, exponent)(epoch - rise, epochs - rise);
}

/** Learning rates over a training. */

/** The learning rate of an epoch (counted from 0) out of a number of epochs. */
export type Schedule = (epoch: number, epochs: number) => number;

/**
 * nnU-Net's polynomial decay, initial · (1 − epoch / epochs)^0.9.
 *
 * @see MIC-DKFZ/nnUNet nnunetv2/training/lr_scheduler/polylr.py
 */
export function polynomial(initial = 0.01, exponent = 0.9): Schedule {
  return (epoch, epochs) => initial * (1 - epoch / epochs) ** exponent;
}

/** Half a cosine from the initial rate down to nothing, as PyTorch's `CosineAnnealingLR`. */
export function cosine(initial = 0.01): Schedule {
  return (epoch, epochs) => initial * (1 + Math.cos(Math.PI * epoch / epochs)) / 2;
}

/**
 * A linear rise to the initial rate over the first epochs, then polynomial decay over the others.
 *
 * @see MIC-DKFZ/nnUNet nnunetv2/training/lr_scheduler/warmup.py
 */
export function warmedUp(initial = 0.01, rise = 50, exponent = 0.9): Schedule {
  return (epoch, epochs) =>
    epoch < rise
      ? initial * (epoch + 1) / rise
      : polynomial(initial, exponent)(epoch - rise, epochs - rise);
}

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

/**
 * Computes nnU-Net's pseudo Dice, which estimates Dice from the counts over an epoch's validation
 * patches.
 *
 * @see MIC-DKFZ/nnUNet nnunetv2/training/nnUNetTrainer/nnUNetTrainer.py on_validation_epoch_end
 */

/** Loss and counts of a validation step. */
export interface ValidationStep {
  readonly loss: number;
  /** Numbers of voxels per foreground label or region. */
  readonly truePositives: readonly number[];
  readonly falsePositives: readonly number[];
  readonly falseNegatives: readonly number[];
}

/** The pseudo Dice of an epoch. */
export interface PseudoDice {
  /**
   * 2TP / (2TP + FP + FN) per foreground class; NaN if a class is neither present nor predicted.
   */
  readonly perClass: readonly number[];
  /** Mean over the classes that are not NaN. */
  readonly mean: number;
}

/** Computes the pseudo Dice from the counts summed over all validation steps. */
export function pseudoDice(steps: readonly ValidationStep[]): PseudoDice {
  const total = (key: "truePositives" | "falsePositives" | "falseNegatives", label: number) =>
    steps.reduce((sum, step) => sum + step[key][label], 0);
  const perClass = steps[0].truePositives.map((_, label) => {
    const hits = 2 * total("truePositives", label);
    return hits / (hits + total("falsePositives", label) + total("falseNegatives", label));
  });
  const present = perClass.filter((dice) => !Number.isNaN(dice));
  return { perClass, mean: present.reduce((a, b) => a + b, 0) / present.length };
}

/**
 * Returns the moving average after another epoch, 0.9 · previous + 0.1 · value. It starts with the
 * first value; NaN leaves it unchanged.
 */
export function movingAverage(previous: number | undefined, value: number): number {
  if (Number.isNaN(value)) return previous ?? value;
  return previous === undefined || Number.isNaN(previous) ? value : 0.9 * previous + 0.1 * value;
}

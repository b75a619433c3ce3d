/**
 * nnU-Net's running estimate of Dice: from the counts of all validation patches of an epoch.
 *
 * @see MIC-DKFZ/nnUNet nnunetv2/training/nnUNetTrainer/nnUNetTrainer.py on_validation_epoch_end
 */

/** What a validation step finds. */
export interface ValidationStep {
  readonly loss: number;
  /** Voxels per foreground label or region. */
  readonly truePositives: readonly number[];
  readonly falsePositives: readonly number[];
  readonly falseNegatives: readonly number[];
}

/** Pseudo Dice of an epoch. */
export interface PseudoDice {
  /** 2TP / (2TP + FP + FN) per foreground class; NaN where a class neither was nor was predicted. */
  readonly perClass: readonly number[];
  /** Mean over the classes that have one. */
  readonly mean: number;
}

/** Sums counts over validation steps. */
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
 * The moving average after another epoch: 0.9 · old + 0.1 · new; the first value as it is. An epoch
 * without a value (NaN) leaves it where it was.
 */
export function movingAverage(previous: number | undefined, value: number): number {
  if (Number.isNaN(value)) return previous ?? value;
  return previous === undefined || Number.isNaN(previous) ? value : 0.9 * previous + 0.1 * value;
}

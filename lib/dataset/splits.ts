/**
 * Which cases train and which validate.
 *
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/utilities/crossval_split.py and `do_split` in
 * nnunetv2/training/nnUNetTrainer/nnUNetTrainer.py
 */

import type { Split } from "../files/splits_json.ts";
import { createMersenneTwister } from "../random/mersenne_twister.ts";

/** A fold of the cross-validation, or `"all"` for training on everything. */
export type Fold = number | "all";

const FOLDS = 5;
const SEED = 12345;
const TRAINING_SHARE = 0.8;

/**
 * nnU-Net's five-fold cross-validation: the folds depend on the case names alone.
 *
 * The same as scikit-learn's `KFold(5, shuffle=True, random_state=12345)` on sorted names.
 *
 * @throws {RangeError} If there are fewer than 5 cases.
 */
export function createSplits(caseNames: readonly string[]): Split[] {
  const names = caseNames.toSorted();
  if (names.length < FOLDS) {
    throw new RangeError(
      `Cannot split ${names.length} cases into ${FOLDS} folds: expected at least ${FOLDS}; ` +
        `fold "all" trains with any number`,
    );
  }
  const shuffled = createMersenneTwister(SEED).permutation(names.length);
  return Array.from({ length: FOLDS }, (_, fold) => {
    const [begin, end] = chunk(names.length, fold);
    return divide(names, new Set(shuffled.slice(begin, end)));
  });
}

/** Bounds of a fold's share of `count` cases; the first `count` mod 5 folds take one more. */
function chunk(count: number, fold: number): [begin: number, end: number] {
  const size = Math.floor(count / FOLDS);
  const larger = count % FOLDS;
  const begin = fold * size + Math.min(fold, larger);
  return [begin, begin + size + (fold < larger ? 1 : 0)];
}

function divide(names: readonly string[], validation: ReadonlySet<number>): Split {
  return {
    train: names.filter((_, index) => !validation.has(index)),
    validation: names.filter((_, index) => validation.has(index)),
  };
}

/**
 * Training and validation cases of a fold.
 *
 * A fold number beyond the list draws 80 % of the cases for training, the same at every call.
 * Fold `"all"` trains and validates on every case.
 *
 * @param splits The folds of `splits_final.json`; not looked at for fold `"all"`.
 * @param caseNames All cases of the data set.
 * @throws {RangeError} If the fold is neither `"all"` nor a whole number from 0 on.
 */
export function selectFold(
  splits: readonly Split[],
  fold: Fold,
  caseNames: readonly string[],
): Split {
  const names = caseNames.toSorted();
  if (fold === "all") return { train: names, validation: names };
  if (!Number.isInteger(fold) || fold < 0) {
    throw new RangeError(`Cannot select fold ${fold}: expected 0, 1, 2, … or "all"`);
  }
  if (fold < splits.length) return splits[fold];
  const size = Math.floor(names.length * TRAINING_SHARE);
  const training = new Set(createMersenneTwister(SEED + fold).choice(names.length, size));
  const validation = names.flatMap((_, index) => training.has(index) ? [] : [index]);
  return divide(names, new Set(validation));
}

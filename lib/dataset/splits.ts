/**
 * Splits cases into training and validation cases for cross-validation.
 *
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/utilities/crossval_split.py and `do_split` in
 * nnunetv2/training/nnUNetTrainer/nnUNetTrainer.py
 */

import type { Split } from "../files/splits_json.ts";
import { createMersenneTwister } from "../random/mersenne_twister.ts";

/** A fold of the cross-validation, or `"all"` to train on all cases. */
export type Fold = number | "all";

const FOLDS = 5;
const SEED = 12345;
const TRAINING_SHARE = 0.8;

/**
 * Splits cases into nnU-Net's five folds, which depend only on the case names.
 *
 * Equals scikit-learn's `KFold(5, shuffle=True, random_state=12345)` on sorted names.
 *
 * @param caseNames Names of all cases, in any order.
 * @returns Sorted training and validation cases per fold.
 * @throws {RangeError} If there are fewer than 5 cases.
 *
 * @example
 * ```ts
 * import { createSplits } from "nnunet/parts";
 * import assert from "node:assert/strict";
 *
 * const splits = createSplits(["a", "b", "c", "d", "e"]);
 * assert.equal(splits.length, 5);
 * assert(splits.every(({ train, validation }) => train.length === 4 && validation.length === 1));
 * ```
 */
export function createSplits(caseNames: readonly string[]): Split[] {
  const names = caseNames.toSorted();
  if (names.length < FOLDS) {
    throw new RangeError(
      `Cannot split ${names.length} cases into ${FOLDS} folds: expected at least ${FOLDS}; ` +
        `use fold "all" to train on all cases`,
    );
  }
  const shuffled = createMersenneTwister(SEED).permutation(names.length);
  return Array.from({ length: FOLDS }, (_, fold) => {
    const [begin, end] = chunk(names.length, fold);
    return divide(names, new Set(shuffled.slice(begin, end)));
  });
}

/** Returns the bounds of a fold among `count` cases; the first `count` mod 5 folds have one more. */
function chunk(count: number, fold: number): [begin: number, end: number] {
  const size = Math.floor(count / FOLDS);
  const remainder = count % FOLDS;
  const begin = fold * size + Math.min(fold, remainder);
  return [begin, begin + size + (fold < remainder ? 1 : 0)];
}

function divide(names: readonly string[], validation: ReadonlySet<number>): Split {
  return {
    train: names.filter((_, index) => !validation.has(index)),
    validation: names.filter((_, index) => validation.has(index)),
  };
}

/**
 * Returns the training and validation cases of a fold.
 *
 * A fold number beyond the list selects a random 80 % of the cases for training, the same in every
 * call. Fold `"all"` trains and validates on all cases.
 *
 * @param splits The folds of `splits_final.json`; unused for fold `"all"`.
 * @param fold A fold, counted from 0, or `"all"`.
 * @param caseNames Names of all cases of the data set.
 * @returns The training and validation cases, sorted by name.
 * @throws {RangeError} If the fold is neither `"all"` nor a whole number of at least 0.
 *
 * @example
 * ```ts
 * import { selectFold } from "nnunet/parts";
 * import assert from "node:assert/strict";
 *
 * const splits = [{ train: ["a"], validation: ["b"] }];
 * assert.deepEqual(selectFold(splits, 0, ["a", "b"]), splits[0]);
 * assert.deepEqual(selectFold(splits, "all", ["a", "b"]).validation, ["a", "b"]);
 * ```
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

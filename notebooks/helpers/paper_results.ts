/**
 * Which configuration was best on data sets of nnU-Net's paper, as far as its authors and users have
 * published the figures outside the paper's supplement.
 */

import { type Output, table } from "nnunet/notebook";

/** Mean foreground Dice of the five folds' validation cases. */
interface Result {
  readonly dataset: string;
  readonly dice: Readonly<
    Record<"2d" | "3d_fullres" | "3d_lowres" | "3d_cascade_fullres", number>
  >;
  readonly source: string;
}

const issues = "github.com/MIC-DKFZ/nnUNet/issues/";

/** Results of all four configurations of a data set. */
export const paperResults: readonly Result[] = [
  {
    dataset: "liver and tumours (Decathlon)",
    dice: { "2d": 0.7345, "3d_fullres": 0.7686, "3d_lowres": 0.7314, "3d_cascade_fullres": 0.74 },
    source: `F. Isensee, ${issues}9`,
  },
  {
    dataset: "liver and tumours (LiTS)",
    dice: { "2d": 0.7395, "3d_fullres": 0.7694, "3d_lowres": 0.7581, "3d_cascade_fullres": 0.7536 },
    source: `F. Isensee, ${issues}15`,
  },
  {
    dataset: "hepatic vessels and tumours (Decathlon)",
    dice: { "2d": 0.5963, "3d_fullres": 0.5868, "3d_lowres": 0.6349, "3d_cascade_fullres": 0.6096 },
    source: `a user's run of version 2, ${issues}1959`,
  },
];

/** Makes a table of the results, with the best configuration of each data set. */
export function paperResultsTable(): Output {
  return table(
    ["data set", "2d", "3d_fullres", "3d_lowres", "cascade", "best", "source"],
    paperResults.map(({ dataset, dice, source }) => [
      dataset,
      dice["2d"],
      dice["3d_fullres"],
      dice["3d_lowres"],
      dice["3d_cascade_fullres"],
      bestOf(dice),
      source,
    ]),
    { title: "Mean foreground Dice of the five folds", digits: 3 },
  );
}

function bestOf(dice: Result["dice"]): string {
  return Object.entries(dice).reduce((best, one) => one[1] > best[1] ? one : best)[0];
}

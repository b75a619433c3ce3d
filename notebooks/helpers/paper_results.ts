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
  /** Where it was published, among the issues of github.com/MIC-DKFZ/nnUNet. */
  readonly source: string;
}

/** Results of all four configurations of a data set. */
export const paperResults: readonly Result[] = [
  {
    dataset: "liver, Decathlon",
    dice: { "2d": 0.7345, "3d_fullres": 0.7686, "3d_lowres": 0.7314, "3d_cascade_fullres": 0.74 },
    source: "issue 9",
  },
  {
    dataset: "liver, LiTS",
    dice: { "2d": 0.7395, "3d_fullres": 0.7694, "3d_lowres": 0.7581, "3d_cascade_fullres": 0.7536 },
    source: "issue 15",
  },
  {
    dataset: "liver vessels",
    dice: { "2d": 0.5963, "3d_fullres": 0.5868, "3d_lowres": 0.6349, "3d_cascade_fullres": 0.6096 },
    source: "issue 1959",
  },
];

/** Makes a table with a column per data set, and its best configuration. */
export function paperResultsTable(): Output {
  const names = ["2d", "3d_fullres", "3d_lowres", "3d_cascade_fullres"] as const;
  return table(
    ["", ...paperResults.map(({ dataset }) => dataset)],
    [
      ...names.map((name) => [name, ...paperResults.map(({ dice }) => dice[name].toFixed(3))]),
      ["best", ...paperResults.map(({ dice }) => bestOf(dice))],
      ["source", ...paperResults.map(({ source }) => source)],
    ],
    { title: "Mean foreground Dice of the five folds", bold: (row) => row === names.length },
  );
}

function bestOf(dice: Result["dice"]): string {
  return Object.entries(dice).reduce((best, one) => one[1] > best[1] ? one : best)[0];
}

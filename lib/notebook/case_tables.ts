/** Makes tables of how single cases were segmented: the worst first, and what was confused. */

import { basename } from "../platform/paths.ts";
import type { CaseDetails, EvaluationDetails } from "../files/details.ts";
import type { EvaluationSummary } from "../files/summary.ts";
import type { Output } from "./output.ts";
import { table } from "./table.ts";

/** A case among others. */
export interface RankedCase {
  /** Name of the case, without a file ending. */
  readonly name: string;
  /** Index among the summary's cases. */
  readonly index: number;
  /** Mean Dice of the classes that it has; NaN if it has none. */
  readonly meanDice: number;
  /** Index of the class with the lowest Dice among the summary's classes; -1 if it has none. */
  readonly worstClass: number;
}

/**
 * Ranks the cases by their mean Dice.
 *
 * @param summary Scores, as `evaluateFolder()` returns them.
 * @returns The cases, the worst first; those without any class last.
 *
 * @example
 * ```ts ignore
 * import { worstFirst } from "nnunet/notebook";
 *
 * const [worst] = worstFirst(summary);
 * console.log(worst.name, worst.meanDice);
 * ```
 */
export function worstFirst({ cases }: EvaluationSummary): RankedCase[] {
  const ranked = cases.map(({ predictionFile, overlaps }, index) => {
    const dice = overlaps.map((overlap) => overlap.dice);
    const present = dice.filter((value) => !Number.isNaN(value));
    return {
      name: basename(predictionFile).replace(/(\.nii)?\.[^.]+$/, ""),
      index,
      meanDice: present.reduce((sum, value) => sum + value, 0) / present.length,
      worstClass: present.length === 0 ? -1 : dice.indexOf(Math.min(...present)),
    };
  });
  const orderOf = (mean: number) => Number.isNaN(mean) ? Infinity : mean;
  return ranked.toSorted((a, b) => orderOf(a.meanDice) - orderOf(b.meanDice));
}

/**
 * Makes a table of all cases, the worst first, with each case's worst class: its Dice, how far the
 * surfaces are apart, and its volumes.
 *
 * @param summary Scores of the cases.
 * @param details Their details, which `evaluateFolderInDetail()` returns with the summary.
 * @param classNames One name per label or region of the summary.
 * @returns The output.
 *
 * @example
 * ```ts ignore
 * import { worstCasesTable } from "nnunet/notebook";
 *
 * const { summary, details } = await evaluateFolderInDetail({ ...folders, labels: [1, 2] });
 * worstCasesTable(summary, details, ["oedema", "core"]);
 * ```
 */
export function worstCasesTable(
  summary: EvaluationSummary,
  details: EvaluationDetails,
  classNames: readonly string[],
): Output {
  const rows = worstFirst(summary).map(({ name, index, meanDice, worstClass }) => {
    if (worstClass === -1) return [name, meanDice, "–", NaN, "–", "–", "–"];
    const { hausdorff95, referenceVolume, predictedVolume, relativeVolumeDifference } =
      details.cases[index].classes[worstClass];
    return [
      name,
      meanDice,
      classNames[worstClass],
      summary.cases[index].overlaps[worstClass].dice,
      Number.isFinite(hausdorff95) ? `${hausdorff95.toFixed(1)} mm` : "–",
      `${volume(predictedVolume)} of ${volume(referenceVolume)} ml`,
      signedPercent(relativeVolumeDifference),
    ];
  });
  return table(
    [
      "case",
      "mean Dice",
      "worst class",
      "its Dice",
      "HD95",
      "volume, predicted of true",
      "difference",
    ],
    rows,
    { title: "Worst cases", bold: (row) => row === 0 },
  );
}

/**
 * Makes a table of what the voxels of each class were predicted as, in per cent of the class.
 *
 * @param details A case's details, or those of all cases, as `evaluateFolderInDetail()` returns them.
 * @param labelNames One name per label of the confusion matrix, background first.
 * @returns The output.
 *
 * @example
 * ```ts ignore
 * import { confusionTable } from "nnunet/notebook";
 *
 * confusionTable(details.cases[0], ["background", "oedema", "core"]);
 * ```
 */
export function confusionTable(
  { confusion }: Pick<CaseDetails, "confusion">,
  labelNames: readonly string[],
): Output {
  const rows = confusion.map((row, label) => {
    const all = row.reduce((sum, count) => sum + count, 0);
    const share = (count: number) => all === 0 ? "–" : `${(100 * count / all).toFixed(1)} %`;
    return [labelNames[label], ...row.map(share)];
  });
  return table(["truth, predicted as …", ...labelNames], rows, { title: "Confusion" });
}

/** Formats a volume in mm³ as millilitres, with three digits that say something. */
function volume(cubicMillimetres: number): string {
  const millilitres = cubicMillimetres / 1000;
  const digits = millilitres >= 100 ? 0 : millilitres >= 10 ? 1 : millilitres >= 1 ? 2 : 3;
  return millilitres.toFixed(digits);
}

function signedPercent(share: number): string {
  if (!Number.isFinite(share)) return "–";
  const percent = (100 * share).toFixed(1);
  return `${share > 0 ? "+" : ""}${percent} %`.replace("-", "−");
}

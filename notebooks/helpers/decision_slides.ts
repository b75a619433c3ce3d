/** Shows the planner's decisions one by one, in plain words. */

import type { Reason } from "nnunet";
import { type Output, slides, table } from "nnunet/notebook";

/** What the numbers of a decision are called; others keep the name that the planner gives them. */
const meanings: Readonly<Record<string, string>> = {
  cases: "training cases",
  medianSpacing: "median spacing, mm",
  medianShape: "median size, voxels",
  coarsestToNext: "coarsest spacing, as a multiple of the next",
  targetSpacing: "target spacing, mm",
  channels: "channels",
  shareLeftByCropping: "share of a scan left by cropping",
  patchSize: "patch that was tried, voxels",
  featureMapElements: "values in the feature maps",
  limit: "values that the memory allows",
  spacing: "spacing, mm",
  strides: "halving of each axis, stage by stage",
  kernels: "kernel, stage by stage",
  fitsMemory: "patches that fit the memory",
  shareOfDataset: "patches in 5 % of all voxels",
  shareOfImageInPatch: "share of a scan in a patch",
};

/** Makes a slider over decisions, each with its rule and its numbers. */
export function decisionSlides(reasons: readonly Reason[]): Output {
  return slides(
    "decision",
    reasons.map(({ decision, configuration, chosen, rule, numbers }, i) => ({
      label: `${i + 1} of ${reasons.length}: ${decision}`,
      content: table(
        [configuration ?? "all configurations", `${decision}: ${chosen}`],
        [
          ["rule", rule],
          ...Object.entries(numbers).map(([name, value]) => [
            meanings[name] ?? name,
            inWords(name, value),
          ]),
        ],
      ),
    })),
    { title: "The planner's decisions" },
  );
}

function inWords(name: string, value: Reason["numbers"][string]): string {
  const one = (number: number | string) =>
    typeof number === "string" ? number : number.toLocaleString("en", {
      maximumFractionDigits: 3,
    });
  if (typeof value === "number" || typeof value === "string") return one(value);
  return value.map(one).join(name === "strides" || name === "kernels" ? " " : " × ");
}

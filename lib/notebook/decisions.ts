/** Shows the planner's decisions one by one, with their numbers in plain words. */

import type { ConfigurationName } from "../files/plans.ts";
import type { Reason } from "../planning/reason.ts";
import type { Output } from "./output.ts";
import { slides } from "./slides.ts";
import { table } from "./table.ts";

/** The names of the planner's numbers, as a reader would say them, with units. */
const plainWords: Readonly<Record<string, string>> = {
  cases: "training cases",
  channels: "channels of an image",
  coarsestToNext: "coarsest spacing divided by the next coarser",
  featureMapElements: "estimated memory of the feature maps, in values",
  fitsMemory: "patches that fit into the memory",
  kernels: "kernel size of each stage, in voxels",
  limit: "memory that the feature maps may take, in values",
  medianShape: "median size of an image, in voxels",
  medianSpacing: "median voxel spacing, in mm",
  patchSize: "patch tried, in voxels",
  shareLeftByCropping: "share of an image left after cropping",
  shareOfDataset: "patches that hold the largest allowed share of all voxels",
  shareOfImageInPatch: "share of an image that a patch covers",
  spacing: "voxel spacing, in mm",
  strides: "step from stage to stage, in voxels",
  targetSpacing: "voxel spacing after resampling, in mm",
};

/**
 * Makes an output that shows decisions one at a time, chosen by a slider: what was decided, by which
 * rule, and the numbers that the rule used.
 *
 * @param reasons The decisions, as `Planner.explain()` returns them.
 * @returns The output.
 * @throws {RangeError} If there are no decisions.
 *
 * @example
 * ```ts
 * import { decisionSlides } from "nnunet/notebook";
 * import assert from "node:assert/strict";
 *
 * const { html } = decisionSlides([{
 *   decision: "batch size",
 *   configuration: "2d",
 *   chosen: "12",
 *   rule: "As many as fit into memory",
 *   numbers: { fitsMemory: 12 },
 * }]);
 * assert.match(html!, /patches that fit into the memory/);
 * ```
 */
export function decisionSlides(reasons: readonly Reason[]): Output {
  return slides(
    "decision",
    reasons.map((reason, i) => ({
      label: `${i + 1} of ${reasons.length}`,
      content: decisionTable(reason),
    })),
    { title: "The planner's decisions" },
  );
}

function decisionTable({ decision, configuration, chosen, rule, numbers }: Reason): Output {
  return table(
    ["decision", `${decision}, ${forWhat(configuration)}`],
    [
      ["chosen", chosen],
      ["rule", rule],
      ...Object.entries(numbers).map(([name, value]) => [wordsOf(name), formatted(value)]),
    ],
    { title: `Decision about ${decision}`, bold: (row) => row === 0 },
  );
}

function forWhat(configuration: ConfigurationName | undefined): string {
  return configuration === undefined ? "for all configurations" : `for ${configuration}`;
}

/** A number without an entry above keeps its name, split into words. */
function wordsOf(name: string): string {
  return plainWords[name] ?? name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function formatted(value: Reason["numbers"][string]): string {
  if (Array.isArray(value)) {
    const parts = value.map((one) => typeof one === "number" ? `${+one.toFixed(3)}` : one);
    return parts.join(value.every((one) => typeof one === "number") ? " × " : ", ");
  }
  if (typeof value !== "number") return String(value);
  return value.toLocaleString("en", { maximumFractionDigits: 3 });
}

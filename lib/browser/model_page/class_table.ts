/** The table of classes: volumes and, if there is a truth, Dice. */

import { element, type PageElement } from "./page_element.ts";
import type { ComparedTruth, SegmentedCase } from "./segmented_case.ts";

/** Creates the table. */
export function classTable(one: SegmentedCase, truth?: ComparedTruth): PageElement {
  const isPicture = one.classes.every(({ millilitres }) => millilitres === undefined);
  const columns = [
    ...isPicture ? [] : ["Volume in ml"],
    isPicture ? "Pixels" : "Voxels",
    ...truth ? ["Dice"] : [],
  ];
  const mean = truth && meanOf(truth.dice);
  return element(
    "table",
    { class: "classes" },
    element("caption", {}, truth ? `Classes, compared with ${truth.name}` : "Classes"),
    element(
      "thead",
      {},
      row("col", "Class", columns),
    ),
    element(
      "tbody",
      {},
      ...one.classes.map(({ name, color, voxels, millilitres }, i) => {
        const swatch = element("span", { class: "swatch" });
        swatch.style.background = `rgb(${color})`;
        return row("row", name, [
          ...millilitres === undefined ? [] : [inMillilitres(millilitres)],
          voxels.toLocaleString("en"),
          ...truth ? [inDice(truth.dice[i])] : [],
        ], swatch);
      }),
    ),
    ...mean === undefined ? [] : [
      element(
        "tfoot",
        {},
        row("row", "Mean", [...columns.slice(1).map(() => ""), inDice(mean)]),
      ),
    ],
  );
}

function row(
  scope: "col" | "row",
  name: string,
  cells: readonly string[],
  ...before: PageElement[]
): PageElement {
  return element(
    "tr",
    {},
    element("th", { scope }, ...before, name),
    ...cells.map((cell) =>
      element(
        scope === "col" ? "th" : "td",
        { class: "number", ...scope === "col" ? { scope } : {} },
        cell,
      )
    ),
  );
}

/** Formats a volume with three digits, as far as it has them. */
export function inMillilitres(volume: number): string {
  if (volume === 0) return "0";
  return volume < 0.01 ? "< 0.01" : volume < 100 ? `${+volume.toPrecision(3)}` : volume.toFixed(0);
}

function inDice(dice: number): string {
  return Number.isNaN(dice) ? "in neither" : dice.toFixed(3);
}

function meanOf(dice: readonly number[]): number {
  const known = dice.filter((one) => !Number.isNaN(one));
  return known.length === 0 ? NaN : known.reduce((sum, one) => sum + one) / known.length;
}

/** Makes tables of plans, of Dice and of any cells. */

import { basename } from "../platform/paths.ts";
import { xmlText } from "../display/xml_text.ts";
import type { EvaluationSummary } from "../files/summary.ts";
import type { Configuration, PlansData } from "../files/plans.ts";
import { Output, scrollable } from "./output.ts";
import { count } from "../options/count.ts";
import { requireKnown } from "../options/require_known.ts";
import { requireList, requireValue } from "../options/require_value.ts";

/** Content of a cell; columns of numbers are right-aligned. */
export type TableCell = string | number;

/** Options of {@link table}. */
export interface TableOptions {
  /** Title, `Table` by default. */
  readonly title?: string;
  /** Digits after the decimal point in columns with fractions, 3 by default. */
  readonly digits?: number;
  /** Returns whether a row, from 0, is bold; none is by default. */
  readonly bold?: (row: number) => boolean;
}

/**
 * Makes a table.
 *
 * @param columns Headings.
 * @param rows One cell per column each; NaN is shown as a dash.
 * @param options Title, digits and bold rows.
 * @returns The output.
 * @throws {TypeError} If a row has more or fewer cells than columns, or a cell is neither a string nor
 * a number; the message names the row and the column.
 *
 * @example
 * ```ts
 * import { table } from "nnunet/notebook";
 * import assert from "node:assert/strict";
 *
 * assert.equal(table(["case", "Dice"], [["a", 0.5]]).text, "case   Dice\na     0.500");
 * ```
 */
export function table(
  columns: readonly string[],
  rows: readonly (readonly TableCell[])[],
  options: TableOptions = {},
): Output {
  requireKnown(options, { title: true, digits: true, bold: true }, "make a table");
  requireCells(columns, rows);
  const { title = "Table", digits = 3, bold = () => false } = options;
  const isWhole = columns.map((_, i) =>
    rows.every((row) => typeof row[i] !== "number" || !(row[i] % 1))
  );
  const format = (cell: TableCell, column: number) =>
    typeof cell === "string"
      ? cell
      : Number.isNaN(cell)
      ? "–"
      : cell.toFixed(isWhole[column] ? 0 : digits).replace(/^-(?=[0.]+$)/, "");
  const texts = rows.map((row) => row.map(format));
  const isNumber = columns.map((_, i) => rows.every((row) => typeof row[i] === "number"));
  const widths = columns.map((name, i) =>
    Math.max(name.length, ...texts.map((row) => row[i].length))
  );
  const line = (cells: readonly string[]) =>
    cells.map((cell, i) => isNumber[i] ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))
      .join("  ").trimEnd();
  const cellStyle = (i: number) =>
    `text-align:${isNumber[i] ? "right" : "left"};padding:4px 12px;vertical-align:top;` +
    "font-variant-numeric:tabular-nums;white-space:pre-line;";
  const cells = (tag: string, row: readonly string[], style = "") =>
    `<tr>${
      row.map((cell, i) => {
        const name = cell === "" ? "td" : tag; // A corner without a heading heads nothing.
        return `<${name} style="${cellStyle(i)}${style}">${xmlText(cell)}</${name}>`;
      }).join("")
    }</tr>`;
  const border = "border-bottom:1px solid rgba(128,128,128,.";
  return new Output({
    title,
    text: [line(columns), ...texts.map(line)].join("\n"),
    html: scrollable(
      title,
      `<table style="border-collapse:collapse;font:13px/1.5 system-ui,sans-serif"><thead>` +
        cells("th", columns, `${border}8);`) + "</thead><tbody>" +
        texts.map((row, i) => cells("td", row, `${border}25);${bold(i) ? "font-weight:bold" : ""}`))
          .join("") +
        "</tbody></table>",
    ),
  });
}

/** @throws {TypeError} If columns and rows do not make a table. */
function requireCells(columns: unknown, rows: unknown): void {
  const action = "make a table";
  const list = (expected: string) => ({ expected, isKind: Array.isArray });
  const heading = { expected: "a heading", isKind: (value: unknown) => typeof value === "string" };
  requireList(columns, heading, action, "columns", 'a list of headings, as ["case", "Dice"]');
  requireList(rows, list("a list of cells"), action, "rows", "a list of rows");
  const headings = columns as readonly string[];
  for (const [index, row] of (rows as readonly (readonly unknown[])[]).entries()) {
    if (row.length !== headings.length) {
      throw new TypeError(
        `Cannot ${action}: rows[${index}] has ${count(row.length, "cell")}, expected ` +
          `${headings.length}, one per column`,
      );
    }
    for (const [column, cell] of row.entries()) {
      const name = `rows[${index}][${column}], column "${headings[column]}",`;
      requireValue(cell, tableCell, action, name);
    }
  }
}

const tableCell = {
  expected: "a string or a number; NaN is shown as a dash",
  isKind: (value: unknown) => typeof value === "string" || typeof value === "number",
};

/**
 * Makes a table of Dice per case and class, with the means.
 *
 * @param summary Result of `evaluateFolder()` or a part of a trained model's summary.
 * @param classNames One name per label or region of the summary.
 * @returns The output.
 * @throws {TypeError} If `summary` is not a summary, or there is not one name per class.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { diceTable } from "nnunet/notebook";
 * import { compareLabels } from "nnunet/parts";
 *
 * // What `evaluateFolder()` returns for one case, of which half a class was found.
 * const overlaps = compareLabels(Uint8Array.of(0, 1, 1), Uint8Array.of(0, 0, 1), [1]);
 * const { text } = diceTable({
 *   labels: [1],
 *   cases: [{ referenceFile: "truth/a.nii.gz", predictionFile: "out/a.nii.gz", overlaps }],
 *   mean: overlaps,
 *   foregroundMean: overlaps[0],
 * }, ["tumour"]);
 * assert.match(text, /^a +0\.667 +0\.667$/m);
 * ```
 */
export function diceTable(
  summary: EvaluationSummary,
  classNames: readonly string[],
): Output {
  requireSummary(summary);
  const { cases, mean, foregroundMean } = summary;
  const rows = cases.map(({ predictionFile, overlaps }) => {
    const dice = overlaps.map((overlap) => overlap.dice);
    const present = dice.filter((value) => !Number.isNaN(value));
    const caseMean = present.reduce((sum, value) => sum + value, 0) / present.length;
    return [basename(predictionFile).replace(/(\.nii)?\.[^.]+$/, ""), ...dice, caseMean];
  });
  const last = ["mean", ...mean.map(({ dice }) => dice), foregroundMean.dice];
  return table(["case", ...classNames, "mean"], [...rows, last], {
    title: "Dice",
    bold: (row) => row === rows.length,
  });
}

/** @throws {TypeError} If a value is no summary, but a promise of one for instance. */
function requireSummary(value: unknown): void {
  const isKind = (value: unknown) =>
    typeof value === "object" && value !== null && "cases" in value && Array.isArray(value.cases);
  const expected = "a summary, as `evaluateFolder()` returns it";
  requireValue(value, { expected, isKind }, "make a table", "summary");
}

/** A model or an ensemble, with its score. */
export interface RankedModels {
  /** Folders or names of the models. */
  readonly models: readonly string[];
  /** Mean foreground Dice. */
  readonly score: number;
}

/**
 * Makes a table of models and ensembles, the best first. Folders are shown as their configuration.
 *
 * @param candidates Models and ensembles, in any order.
 * @returns The output.
 *
 * @example
 * ```ts
 * import { ensemblesTable } from "nnunet/notebook";
 * import assert from "node:assert/strict";
 *
 * const { text } = ensemblesTable([
 *   { models: ["2d"], score: 0.7 },
 *   { models: ["2d", "3d_fullres"], score: 0.8 },
 * ]);
 * assert.match(text, /2d \+ 3d_fullres +0\.8000\n2d +0\.7000$/);
 * ```
 */
export function ensemblesTable(candidates: readonly RankedModels[]): Output {
  const ranked = candidates.toSorted((a, b) => b.score - a.score);
  const rows = ranked.map(({ models, score }) => [models.map(configurationOf).join(" + "), score]);
  return table(["model or ensemble", "mean foreground Dice"], rows, {
    title: "Models and ensembles",
    digits: 4,
    bold: (row) => row === 0,
  });
}

/** Returns `3d_fullres` for `…/nnUNetTrainer__nnUNetPlans__3d_fullres`. */
export function configurationOf(model: string): string {
  return basename(model).split("__").at(-1)!;
}

/**
 * Makes a table of one or several plans, with one row per configuration.
 *
 * @param plans Content of one or several `nnUNetPlans.json`.
 * @returns The output.
 *
 * @example
 * ```ts ignore
 * import { plansTable } from "nnunet/notebook";
 *
 * plansTable(plans.plansData);
 * ```
 */
export function plansTable(plans: PlansData | readonly PlansData[]): Output {
  const all = [plans].flat() as PlansData[];
  const rows = all.flatMap(({ datasetName, configurations }) =>
    Object.values(configurations).map((configuration, i) => [
      ...all.length > 1 ? [i === 0 ? datasetName : ""] : [],
      ...rowOf(configuration!),
    ])
  );
  return table(
    [
      ...all.length > 1 ? ["data set"] : [],
      "configuration",
      "spacing, mm",
      "median image, voxels",
      "patch, voxels",
      "patches per batch",
      "channels per stage",
    ],
    rows,
    { title: "Plans" },
  );
}

function rowOf(configuration: Configuration): TableCell[] {
  const { name, spacing, medianImageSize, patchSize, batchSize, architecture } = configuration;
  return [
    name,
    times(spacing.map((one) => +one.toFixed(2))),
    times(medianImageSize.map(Math.round)),
    times(patchSize),
    batchSize,
    architecture.featuresPerStage.join(", "),
  ];
}

function times(values: readonly number[]): string {
  return values.join(" × ");
}

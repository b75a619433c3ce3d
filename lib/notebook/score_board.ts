/** Shows scores in a table that fills while they are computed. */

import { Place } from "./host.ts";
import type { Output } from "./output.ts";
import { table } from "./table.ts";

/**
 * A table of scores below the cell, with a mean per row, that is updated with each score.
 *
 * @example
 * ```ts
 * import { ScoreBoard } from "nnunet/notebook";
 * import assert from "node:assert/strict";
 *
 * const board = new ScoreBoard(["2d", "3d_fullres"], ["fold 0", "fold 1"]);
 * board.set("2d", "fold 1", 0.75);
 * assert.match(board.output.text, /2d +– +0\.750 +0\.750/);
 * ```
 */
export class ScoreBoard {
  readonly #rows: readonly string[];
  readonly #columns: readonly string[];
  readonly #scores = new Map<string, number>();
  readonly #place = new Place();
  readonly #corner: string;
  readonly #title: string;

  /**
   * Makes a board without scores, which {@link show} shows.
   *
   * @param rows What is scored, such as models.
   * @param columns What it is scored on, such as folds.
   * @param options.title Title, `Scores` by default.
   * @param options.corner Heading of the rows, empty by default.
   */
  constructor(
    rows: readonly string[],
    columns: readonly string[],
    { title = "Scores", corner = "" }: { readonly title?: string; readonly corner?: string } = {},
  ) {
    this.#rows = rows;
    this.#columns = columns;
    this.#title = title;
    this.#corner = corner;
  }

  /**
   * Enters a score; {@link show} shows it.
   *
   * @param row One of the rows.
   * @param column One of the columns.
   * @param score The score.
   */
  set(row: string, column: string, score: number): void {
    this.#scores.set(keyOf(row, column), score);
  }

  /** The table as it is. */
  get output(): Output {
    const rows = this.#rows.map((row) => {
      const scores = this.#columns.map((column) => this.#scores.get(keyOf(row, column)) ?? NaN);
      const present = scores.filter((score) => !Number.isNaN(score));
      return [row, ...scores, present.reduce((sum, score) => sum + score, 0) / present.length];
    });
    return table([this.#corner, ...this.#columns, "mean"], rows, { title: this.#title });
  }

  /**
   * Shows the table in place of the previous one.
   *
   * @returns The file that was written; undefined in a notebook.
   */
  show(): Promise<string | undefined> {
    return this.#place.show(this.output);
  }
}

function keyOf(row: string, column: string): string {
  return JSON.stringify([row, column]);
}

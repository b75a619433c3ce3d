/** How complete the runs are of which a site is made. */

import { basename } from "@std/path";
import { joined, type Notebook, readNotebook } from "../notebook_file.ts";
import { recordOf } from "../run_record.ts";

/** A notebook that was run. */
export interface RunNotebook {
  /** File name. */
  readonly name: string;
  readonly notebook: Notebook;
}

/** What is missing in runs; names of notebooks. */
export interface RunState {
  /** Those run with short settings. */
  readonly short: readonly string[];
  /** Those whose run ended early, by an error or before the last cell. */
  readonly unfinished: readonly string[];
  /** Those that were changed after their run. */
  readonly outdated: readonly string[];
  /** Those that were not run. */
  readonly notRun: readonly string[];
}

/**
 * Compares runs with the notebooks as they are.
 *
 * @param current Paths of all notebooks that there are.
 */
export async function stateOf(
  runs: readonly RunNotebook[],
  current: readonly string[],
): Promise<RunState> {
  const sources = new Map(
    await Promise.all(
      current.map(async (path) => [basename(path), sourceOf(await readNotebook(path))] as const),
    ),
  );
  const names = (which: (run: RunNotebook) => boolean) =>
    runs.filter(which).map(({ name }) => name);
  return {
    short: names(({ notebook }) => recordOf(notebook)?.settings === "short"),
    unfinished: names(({ notebook }) => isUnfinished(notebook)),
    outdated: names(({ name, notebook }) =>
      sources.has(name) && sources.get(name) !== sourceOf(notebook)
    ),
    notRun: [...sources.keys()].filter((name) => runs.every((run) => run.name !== name)),
  };
}

function isUnfinished({ cells }: Notebook): boolean {
  return cells.some((cell) =>
    cell.cell_type === "code" && joined(cell.source).trim() !== "" &&
    (cell.execution_count === null ||
      cell.outputs.some(({ output_type }) => output_type === "error"))
  );
}

function sourceOf({ cells }: Notebook): string {
  return JSON.stringify(cells.map(({ cell_type, source }) => [cell_type, joined(source)]));
}

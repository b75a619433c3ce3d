/**
 * Says which cell to run when a name is missing: after a restart, or when cells are run out of order.
 */

import { isAbsolute, join } from "@std/path";
import { joined, type Notebook } from "./jupyter/notebook_file.ts";

/** The content of an error, as messages have it. */
export interface KernelError {
  readonly ename: string;
  readonly evalue: string;
  readonly traceback: readonly string[];
}

/**
 * The path of the notebook that a kernel belongs to, if the server says it. Jupyter's does, by a
 * variable; an editor that starts kernels itself may not.
 */
export function notebookPath(
  variables: Readonly<Record<string, string>>,
  folder: string,
): string | undefined {
  const path = variables.JPY_SESSION_NAME;
  if (!path?.endsWith(".ipynb")) return undefined;
  return isAbsolute(path) ? path : join(folder, path);
}

/**
 * Adds to the error of a missing name which cell of the notebook defines it. Other errors, and names
 * that no cell defines, are returned unchanged.
 *
 * @param read Reads the notebook.
 */
export async function explainMissingName<T extends KernelError>(
  error: T,
  read: () => Promise<Notebook>,
): Promise<T> {
  const name = error.ename === "ReferenceError"
    ? error.evalue.match(
      /^([\p{ID_Continue}$]+) is not defined$|^Cannot access '([\p{ID_Continue}$]+)'/u,
    )
    : undefined;
  if (!name) return error;
  const line = await read().then(({ cells }) => definition(cells, name[1] ?? name[2])).catch(
    () => undefined, // A notebook that is not saved yet cannot be read.
  );
  if (line === undefined) return error;
  const hint = `Run the cell with this line first: ${line}`;
  return {
    ...error,
    evalue: `${error.evalue}. ${hint}`,
    traceback: [...error.traceback, hint],
  };
}

/** The line of the cells that defines a name. */
function definition(cells: Notebook["cells"], name: string): string | undefined {
  const escaped = name.replaceAll("$", "\\$");
  // The names that a declaration binds come before `=` or `from`; a pattern may span lines.
  const declared = new RegExp(
    String
      .raw`^(?:(?:const|let|var)\s[^=;]*?|import\s[^;"']*?|(?:async\s+)?function\s*\*?\s*|class\s+)` +
      String.raw`(?<![\p{ID_Continue}$.])${escaped}(?![\p{ID_Continue}$])(?!\s*:)`,
    "mu",
  );
  for (const { cell_type, source } of cells) {
    if (cell_type !== "code") continue;
    const text = joined(source);
    const found = text.match(declared);
    if (found) return text.slice(found.index).split("\n", 1)[0].trim();
  }
}

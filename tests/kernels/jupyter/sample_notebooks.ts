/** Creates notebooks for tests. */

import type {
  CodeCell,
  MarkdownCell,
  Notebook,
  Output,
} from "../../../kernels/jupyter/notebook_file.ts";

export const prose = (source: string): MarkdownCell => ({
  cell_type: "markdown",
  source,
  metadata: {},
});

export const code = (source: string, outputs: Output[] = [], tags: string[] = []): CodeCell => ({
  cell_type: "code",
  source,
  metadata: { tags },
  execution_count: null,
  outputs,
});

export const notebookOf = (...cells: (MarkdownCell | CodeCell)[]): Notebook => ({
  cells,
  metadata: {},
  nbformat: 4,
  nbformat_minor: 5,
});

export const display = (data: Record<string, unknown>): Output => ({
  output_type: "display_data",
  data,
  metadata: {},
});

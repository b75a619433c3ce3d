/** Notebook files: the parts of nbformat 4 that are used here. */

/** An output's content by media type; a text may be split into lines. */
export type MimeBundle = Readonly<Record<string, unknown>>;

/** One output of a code cell. */
export type Output =
  | { readonly output_type: "stream"; readonly name: "stdout" | "stderr"; readonly text: Text }
  | {
    readonly output_type: "display_data";
    readonly data: MimeBundle;
    readonly metadata: Readonly<Record<string, unknown>>;
  }
  | {
    readonly output_type: "execute_result";
    readonly data: MimeBundle;
    readonly metadata: Readonly<Record<string, unknown>>;
    readonly execution_count: number | null;
  }
  | {
    readonly output_type: "error";
    readonly ename: string;
    readonly evalue: string;
    readonly traceback: readonly string[];
  };

/** A text, whole or line by line. */
export type Text = string | readonly string[];

/** A cell of prose. */
export interface MarkdownCell {
  readonly cell_type: "markdown";
  readonly source: Text;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** A code cell with its outputs. */
export interface CodeCell {
  readonly cell_type: "code";
  readonly source: Text;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly execution_count: number | null;
  readonly outputs: readonly Output[];
}

/** A notebook. */
export interface Notebook {
  readonly cells: readonly (MarkdownCell | CodeCell)[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly nbformat: number;
  readonly nbformat_minor: number;
}

/** A text as one string. */
export function joined(text: Text): string {
  return typeof text === "string" ? text : text.join("");
}

/** Reads a notebook. @throws {SyntaxError} If the file is not a notebook of format 4. */
export async function readNotebook(path: string): Promise<Notebook> {
  let notebook: Notebook;
  try {
    notebook = JSON.parse(await Deno.readTextFile(path));
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) throw cause;
    throw new SyntaxError(`Cannot read ${path}: it is not JSON`, { cause });
  }
  if (notebook?.nbformat !== 4 || !Array.isArray(notebook.cells)) {
    throw new SyntaxError(
      `Cannot read ${path}: its format is ${notebook?.nbformat}, expected a notebook of format 4`,
    );
  }
  return notebook;
}

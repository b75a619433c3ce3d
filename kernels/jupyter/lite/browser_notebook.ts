/** Turns a notebook of the course into one that JupyterLite runs in a browser. */

import { reasonOf } from "../../../lib/options/reason_of.ts";
import { type CodeCell, joined, type MarkdownCell, type Notebook } from "../notebook_file.ts";
import { type JavaScriptCell, javascriptCell } from "./javascript_cell.ts";

/** Globals of Deno's kernel that a page lacks. */
const missingGlobals = ["Deno", "process", "Buffer"];

/** Exports of the modules that notebooks can import in a browser, by the modules' names. */
export type PageModules = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** What a notebook becomes in a browser. */
export interface BrowserNotebook {
  /** For the kernel `javascript`; cells that cannot run are shown as text. */
  readonly notebook: Notebook;
  /** Number of the original's code cells. */
  readonly codeCells: number;
  /** Why cells are left out, one reason each, in their order. */
  readonly leftOut: readonly string[];
}

/** What the first two cells say. */
export interface BrowserNotebookOptions {
  /** File name of the original. */
  readonly name: string;
  readonly modules: PageModules;
  /** How much the cells compute, as `openCourse()` takes it. */
  readonly settings: Readonly<Record<string, number>>;
  /** File names of the notebooks that links may lead to. */
  readonly offered?: readonly string[];
}

/** Whether so much of a notebook runs that it is worth opening: at least half of its code cells. */
export function isWorthOpening({ codeCells, leftOut }: BrowserNotebook): boolean {
  return codeCells > 0 && 2 * leftOut.length <= codeCells;
}

/**
 * Transforms a notebook. A cell is left out if it uses Deno, imports what the page does not have, or
 * uses a name from a cell that is left out; its other imports are kept.
 */
export function browserNotebook(
  original: Notebook,
  { name, modules, settings, offered = [] }: BrowserNotebookOptions,
): BrowserNotebook {
  /** Names that only cells that are left out would have defined. */
  const missing = new Set<string>();
  const defined = new Set<string>();
  const leftOut: string[] = [];
  const cells: (MarkdownCell | CodeCell)[] = [];
  for (const { cell_type, source } of original.cells) {
    const text = joined(source);
    if (cell_type === "markdown") {
      cells.push(markdown(withoutDeadLinks(text, offered)));
      continue;
    }
    const { cell, reason } = examine(text, modules, missing);
    let kept: Iterable<string> = [];
    if (reason === undefined) {
      cells.push(code(cell.code));
      kept = cell.declared;
    } else {
      leftOut.push(reason);
      cells.push(markdown(
        `*Left out in a browser: this cell ${reason}.*\n\n\`\`\`ts\n${text}\n\`\`\``,
      ));
      const imports = presentImports(cell, modules);
      kept = imports.flatMap(({ names }) => names);
      if (imports.length > 0) {
        cells.push(code(
          imports.map(({ module, names }) =>
            `const { ${names.join(", ")} } = await importModule(${JSON.stringify(module)});`
          ).join("\n"),
        ));
      }
    }
    for (const one of kept) {
      missing.delete(one);
      defined.add(one);
    }
    for (const one of cell?.declared ?? []) if (!defined.has(one)) missing.add(one);
  }
  const codeCells = original.cells.filter(({ cell_type }) => cell_type === "code").length;
  return {
    notebook: {
      cells: [
        markdown(introduction(name, codeCells, leftOut)),
        code(opening(settings)),
        ...cells,
      ].map((cell, i) => ({ ...cell, id: `cell-${i}` })),
      metadata: {
        kernelspec: {
          name: "javascript",
          display_name: "JavaScript (IFrame)",
          language: "javascript",
        },
        language_info: { name: "javascript", mimetype: "text/javascript", file_extension: ".js" },
      },
      nbformat: 4,
      nbformat_minor: 5,
    },
    codeCells,
    leftOut,
  };
}

/** What a cell imports that there is in the page. */
function presentImports(cell: JavaScriptCell | undefined, modules: PageModules) {
  return (cell?.imports ?? []).flatMap(({ module, names }) => {
    const present = names.filter((name) => name in (modules[module] ?? {}));
    return present.length > 0 ? [{ module, names: present }] : [];
  });
}

/** Returns the cell in JavaScript, and why it cannot run if it cannot. */
function examine(
  text: string,
  modules: PageModules,
  missing: ReadonlySet<string>,
):
  | { readonly cell: JavaScriptCell; readonly reason?: undefined }
  | { readonly cell?: JavaScriptCell; readonly reason: string } {
  let cell: JavaScriptCell;
  try {
    cell = javascriptCell(text);
  } catch (error) {
    return { reason: `cannot be turned into JavaScript (${reasonOf(error)})` };
  }
  for (const { module, names } of cell.imports) {
    if (module === "./helpers/command_line.ts") return { cell, reason: "runs the command line" };
    if (!modules[module]) return { cell, reason: `imports \`${module}\`` };
    const absent = names.filter((name) => !(name in modules[module]));
    if (absent.length > 0) {
      const list = absent.map((name) => `\`${name}\``).join(", ");
      return { cell, reason: `imports ${list} of \`${module}\`` };
    }
  }
  const foreign = missingGlobals.find((name) => cell.used.has(name));
  if (foreign) return { cell, reason: `uses \`${foreign}\`` };
  const lost = [...cell.used].find((name) => missing.has(name));
  if (lost === "nnunet") return { cell, reason: "runs the command line" };
  if (lost) return { cell, reason: `needs \`${lost}\`, which a cell that is left out defines` };
  return { cell };
}

/** The cell that loads the library. */
function opening(settings: Readonly<Record<string, number>>): string {
  const values = Object.entries(settings).map(([name, value]) => `  ${name}: ${value},\n`);
  return `// Loads the library from this site. Higher values compute longer; after a change, restart the
// kernel and run all cells.
await import(new URL("../nnunet/course.js", document.baseURI).href);
await openCourse("../nnunet/", {
${values.join("")}});`;
}

/** Says what differs from the original. */
function introduction(name: string, codeCells: number, leftOut: readonly string[]): string {
  const reasons = [...new Set(leftOut)].map((reason) => `    - one that ${reason}`);
  return `**This notebook runs in your browser**; nothing leaves this computer. Choose *Run*, then *Run
All Cells*. It is made from \`notebooks/${name}\` and differs from it:

- Its types are stripped, and \`await importModule("…")\` stands in for \`import\`, since JupyterLite's
  kernel runs JavaScript.
- The first code cell loads the library from this site, and sets how much is computed: less than
  on a computer, so numbers and pictures are worse than the text says.
- The scans are phantoms. All files are in the memory of this tab and end with the kernel.
- ${
    leftOut.length === 0
      ? `All ${codeCells} code cells run.`
      : `${leftOut.length} of ${codeCells} code cells are left out and marked below:\n${
        reasons.join("\n")
      }`
  }`;
}

/** Links within the project lead nowhere here, except to notebooks that are offered. */
function withoutDeadLinks(text: string, offered: readonly string[]): string {
  return text.replaceAll(
    /(!?)\[([^\]]*)\]\(([^)\s]+)\)/g,
    (link, picture, label, address) =>
      picture || /^[a-z]+:|^#/i.test(address) || offered.includes(address.split("#")[0])
        ? link
        : label,
  );
}

const markdown = (source: string): MarkdownCell => ({
  cell_type: "markdown",
  source,
  metadata: {},
});

const code = (source: string): CodeCell => ({
  cell_type: "code",
  source,
  metadata: {},
  execution_count: null,
  outputs: [],
});

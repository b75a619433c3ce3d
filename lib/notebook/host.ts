/** Sends outputs to the notebook that runs this process, or writes them to files. */

import { join } from "../platform/paths.ts";
import { writeFileAtomically } from "../platform/atomic_write.ts";
import { notebookKernel } from "../platform/notebook_kernel.ts";
import { imageTag, type Output, standalonePage } from "./output.ts";
import { plotlyElement } from "./plotly_element.ts";
import { type KnownOptions, requireKnown } from "../options/require_known.ts";

/** Where to write an output outside a notebook. */
export interface FileOptions {
  /**
   * A path that ends in `.html` or `.png`, `figures/TITLE.html` in the working directory by default.
   * In a notebook, no file is written.
   */
  readonly file?: string;
}

/** Names of {@link FileOptions}. */
export const fileOptions: KnownOptions<FileOptions> = { file: true };

/**
 * Returns whether this process is the kernel of a notebook.
 *
 * @returns True in a notebook, false in a terminal.
 *
 * @example
 * ```ts
 * import { inNotebook } from "nnunet/notebook";
 * import assert from "node:assert/strict";
 *
 * assert.equal(inNotebook(), false);
 * ```
 */
export function inNotebook(): boolean {
  return notebookKernel() !== undefined;
}

/**
 * A place below a cell, or a file, in which each output replaces the previous one.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Place, table } from "nnunet/notebook";
 *
 * const file = await Deno.makeTempFile({ suffix: ".html" });
 * const place = new Place({ file });
 * for (const count of [1, 2, 3]) await place.show(table(["count"], [[count]]));
 * assert.match(await Deno.readTextFile(file), />3</);
 * await Deno.remove(file);
 * ```
 */
export class Place {
  readonly #id = crypto.randomUUID();
  readonly #file?: string;
  #shown = false;

  /**
   * Makes a place without an output yet.
   *
   * @param options.file Where to write outputs outside a notebook; by default, their titles name
   * the files.
   */
  constructor(options: FileOptions = {}) {
    requireKnown(options, fileOptions, "make a place for outputs");
    this.#file = options.file;
  }

  /**
   * Shows an output, replacing the previous one.
   *
   * @param output The output.
   * @returns The file that was written; undefined in a notebook.
   * @throws {TypeError} If the file ends in `.png` and the output has no picture.
   */
  async show(output: Output): Promise<string | undefined> {
    const jupyter = notebookKernel();
    if (!jupyter) return await writeOutput(output, this.#file);
    const type = this.#shown ? "update_display_data" : "display_data";
    this.#shown = true;
    await jupyter.broadcast(type, {
      data: output.bundle,
      metadata: {},
      transient: { display_id: this.#id },
    });
  }
}

/** Writes an output as a page, or as a picture if the file name ends in `.png`. */
async function writeOutput(output: Output, file?: string): Promise<string> {
  const path = file ?? join("figures", `${fileNameOf(output.title)}.html`);
  const isPicture = path.toLowerCase().endsWith(".png");
  if (isPicture && !output.draw) {
    throw new TypeError(
      `Cannot write ${path}: "${output.title}" has no picture, expected a path that ends in .html`,
    );
  }
  await writeFileAtomically(path, isPicture ? await output.draw!() : await pageOf(output));
  return path;
}

async function pageOf({ title, text, html, plotly, png, pngSize }: Output): Promise<string> {
  if (plotly) return standalonePage(title, await plotlyElement(plotly));
  return standalonePage(title, html ?? imageTag(png!, text, pngSize));
}

/** Turns a title like `Case 12: truth` into `case_12_truth`. */
function fileNameOf(title: string): string {
  return title.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "_").replace(/^_|_$/g, "") || "figure";
}

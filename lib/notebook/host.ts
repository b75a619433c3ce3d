/** Where outputs go: to the notebook that runs this, or into a file. */

import { join } from "@std/path";
import { writeFileAtomically } from "../platform/atomic_write.ts";
import { imageTag, type Output, standalonePage } from "./output.ts";
import { plotlyElement } from "./plotly_element.ts";

/** Where to write outside a notebook. */
export interface FileOptions {
  /**
   * A path that ends in `.html` or `.png`; by default `figures/TITLE.html` in the working folder.
   * In a notebook nothing is written.
   */
  readonly file?: string;
}

/** The part of Deno's Jupyter interface used here. */
interface Jupyter {
  broadcast(type: string, content: Record<string, unknown>): Promise<void>;
}

/** The notebook that runs this process; undefined in a terminal. */
function notebook(): Jupyter | undefined {
  try {
    return (Deno as unknown as { jupyter: Jupyter }).jupyter;
  } catch {
    return undefined; // Deno throws where it is no kernel.
  }
}

/** Whether this process is the kernel of a notebook. */
export function inNotebook(): boolean {
  return notebook() !== undefined;
}

/** An output that may be replaced by a newer one in the same place. */
export class Place {
  readonly #id = crypto.randomUUID();
  readonly #file?: string;
  #shown = false;

  constructor({ file }: FileOptions = {}) {
    this.#file = file;
  }

  /** @returns The file that was written; undefined in a notebook. */
  async show(output: Output): Promise<string | undefined> {
    const jupyter = notebook();
    if (!jupyter) return await writeOutput(output, this.#file);
    const type = this.#shown ? "update_display_data" : "display_data";
    this.#shown = true;
    await jupyter.broadcast(type, {
      data: output.bundle,
      metadata: output.metadata,
      transient: { display_id: this.#id },
    });
  }
}

/** Writes an output as a page, or as a picture if the name ends so. */
async function writeOutput(output: Output, file?: string): Promise<string> {
  const path = file ?? join("figures", `${fileNameOf(output.title)}.html`);
  const isPicture = path.toLowerCase().endsWith(".png");
  if (isPicture && !output.draw) {
    throw new TypeError(`Cannot write ${path}: "${output.title}" has no picture, expected .html`);
  }
  await writeFileAtomically(path, isPicture ? await output.draw!() : await pageOf(output));
  return path;
}

async function pageOf({ title, text, html, plotly, png }: Output): Promise<string> {
  if (html !== undefined) return standalonePage(title, html);
  if (plotly) return standalonePage(title, await plotlyElement(plotly));
  return standalonePage(title, imageTag(png!, text));
}

/** `Case 12: truth` becomes `case_12_truth`. */
function fileNameOf(title: string): string {
  return title.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "_").replace(/^_|_$/g, "") || "figure";
}

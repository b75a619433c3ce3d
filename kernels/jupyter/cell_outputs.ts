/** Outputs of cells, assembled from a kernel's messages as a front end does. */

import type { MimeBundle, Output } from "./notebook_file.ts";

/** The part of a kernel's message that describes outputs. */
export interface OutputMessage {
  readonly type: string;
  // deno-lint-ignore no-explicit-any -- its shape follows from the type
  readonly content: any;
}

type Placed = Output & { displayId?: string };

/** The outputs of a notebook's cells. */
export class CellOutputs {
  readonly #cells: Placed[][];
  /** Cells whose outputs are removed when the next one arrives. */
  readonly #clearing = new Set<number>();

  constructor(count: number) {
    this.#cells = Array.from({ length: count }, () => []);
  }

  /**
   * Adds a message of a cell; a message that is not an output changes nothing.
   *
   * @returns Whether it was an output.
   */
  add(cell: number, { type, content }: OutputMessage): boolean {
    switch (type) {
      case "stream":
        this.#addText(cell, content.name, content.text);
        return true;
      case "display_data":
        this.#push(cell, {
          output_type: "display_data",
          data: content.data,
          metadata: content.metadata ?? {},
          displayId: content.transient?.display_id,
        });
        return true;
      case "execute_result":
        this.#push(cell, {
          output_type: "execute_result",
          data: content.data,
          metadata: content.metadata ?? {},
          execution_count: content.execution_count,
        });
        return true;
      case "update_display_data":
        this.#update(content.transient?.display_id, content.data, content.metadata ?? {});
        return true;
      case "error": {
        const { ename, evalue, traceback } = content;
        this.#push(cell, { output_type: "error", ename, evalue, traceback });
        return true;
      }
      case "clear_output":
        if (content.wait) this.#clearing.add(cell);
        else this.#cells[cell] = [];
        return true;
    }
    return false;
  }

  /** A cell's outputs as a notebook stores them. */
  of(cell: number): Output[] {
    return this.#cells[cell].map(({ displayId: _, ...output }) => output as Output);
  }

  #push(cell: number, output: Placed) {
    if (this.#clearing.delete(cell)) this.#cells[cell] = [];
    this.#cells[cell].push(output);
  }

  #addText(cell: number, name: "stdout" | "stderr", text: string) {
    const last = this.#clearing.has(cell) ? undefined : this.#cells[cell].at(-1);
    if (last?.output_type === "stream" && last.name === name) {
      this.#cells[cell].splice(-1, 1, { ...last, text: `${last.text}${text}` });
    } else this.#push(cell, { output_type: "stream", name, text });
  }

  /** Updates every display with that id, in whichever cell it is. */
  #update(displayId: string | undefined, data: MimeBundle, metadata: Record<string, unknown>) {
    if (displayId === undefined) return;
    for (const outputs of this.#cells) {
      for (const [i, output] of outputs.entries()) {
        if (output.displayId === displayId) outputs[i] = { ...output, data, metadata } as Placed;
      }
    }
  }
}

/** Shows progress on a terminal as one line that is overwritten, or as occasional lines in a log. */

import { printable } from "../untrusted/printable.ts";
import { writeOutput } from "./output.ts";

/** Seconds between progress lines when the output is not a terminal. */
const LOG_INTERVAL = 20;

/**
 * A status line below the printed lines.
 *
 * @example
 * ```ts
 * import { StatusLine } from "nnunet/cli";
 *
 * const line = new StatusLine();
 * line.show("epoch 1 of 20");
 * line.print("Done");
 * ```
 */
export class StatusLine {
  readonly #live = Deno.stdout.isTerminal();
  readonly #quiet: boolean;
  #shown = false;
  #logged = performance.now();

  /**
   * Creates a line, which is empty.
   *
   * @param options.quiet Whether to print permanent lines only; false by default.
   */
  constructor({ quiet = false }: { readonly quiet?: boolean } = {}) {
    this.#quiet = quiet;
  }

  /**
   * Replaces the line. In a log, prints it only if nothing was printed for 20 seconds.
   *
   * @param text The line, cut to the width of the terminal.
   */
  show(text: string): void {
    if (this.#quiet) return;
    if (this.#live) {
      writeOutput(`\r\x1b[2K${printable(text).slice(0, columns() - 1)}`);
      this.#shown = true;
    } else if (performance.now() - this.#logged > LOG_INTERVAL * 1000) {
      this.print(text);
    }
  }

  /**
   * Prints a permanent line above the status line.
   *
   * @param text The line.
   */
  print(text: string): void {
    this.clear();
    writeOutput(`${printable(text, { keepLines: true })}\n`);
    this.#logged = performance.now();
  }

  /** Removes the status line. */
  clear(): void {
    if (this.#shown) writeOutput("\r\x1b[2K");
    this.#shown = false;
  }
}

function columns(): number {
  try {
    return Deno.consoleSize().columns;
  } catch {
    return 80; // The terminal was closed.
  }
}

/**
 * Returns a callback that shows progress as a bar with the time left, estimated from the time taken
 * so far.
 *
 * @param line The line to show it in.
 * @param title Text before the bar.
 * @returns A callback that takes the amount done and the total.
 *
 * @example
 * ```ts
 * import { progressBar, StatusLine } from "nnunet/cli";
 *
 * const onProgress = progressBar(new StatusLine(), "preprocessing");
 * for (let done = 0; done <= 20; done++) onProgress(done, 20);
 * ```
 */
export function progressBar(
  line: StatusLine,
  title: string,
): (done: number, total: number) => void {
  const begin = performance.now();
  return (done, total) => {
    const seconds = (performance.now() - begin) / 1000;
    const left = done > 0 ? `, ${formatDuration(seconds / done * (total - done))} left` : "";
    line.show(`${title} ${bar(done / total)} ${done}/${total}${left}`);
  };
}

/** Returns a bar of 20 characters, filled in proportion to a fraction from 0 to 1. */
export function bar(fraction: number): string {
  const filled = Math.round(20 * Math.min(1, Math.max(0, fraction)));
  return "█".repeat(filled) + "░".repeat(20 - filled);
}

/**
 * Formats a duration as minutes and seconds, or as hours, minutes and seconds.
 *
 * @param seconds Duration in seconds; negative ones count as 0.
 * @returns Text such as `1:05` or `3:05:00`.
 *
 * @example
 * ```ts
 * import { formatDuration } from "nnunet/cli";
 * import assert from "node:assert/strict";
 *
 * assert.equal(formatDuration(7), "0:07");
 * assert.equal(formatDuration(11_100), "3:05:00");
 * ```
 */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const pad = (value: number) => `${value}`.padStart(2, "0");
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h > 0 ? `${h}:${pad(m)}:${pad(s)}` : `${m}:${pad(s)}`;
}

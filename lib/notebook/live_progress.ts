/** Shows a progress bar with the time left. */

import { xmlText } from "../display/xml_text.ts";
import { type FileOptions, Place } from "./host.ts";
import { Output } from "./output.ts";
import { Throttle } from "./throttle.ts";

/** Milliseconds between updates of the bar. */
const BAR_INTERVAL = 200;

/** Progress of the work. */
interface State {
  readonly share: number;
  readonly text: string;
}

/**
 * A progress bar below the cell.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { LiveProgress } from "nnunet/notebook";
 *
 * const file = await Deno.makeTempFile({ suffix: ".html" });
 * const bar = new LiveProgress("preprocessing", { file });
 * bar.count(3, 4); // As `plans.preprocess(dataset, { onProgress: bar.count })` calls it.
 * await bar.flush();
 * assert.match(await Deno.readTextFile(file), /3 of 4/);
 * await Deno.remove(file);
 * ```
 */
export class LiveProgress {
  readonly #title: string;
  readonly #throttle: Throttle<Output>;
  readonly #begin = performance.now();
  #last: State = { share: 0, text: "" };

  /**
   * Makes a bar, which the first update shows.
   *
   * @param title Text before the progress.
   * @param options Where to write the bar outside a notebook.
   */
  constructor(title: string, options: FileOptions = {}) {
    this.#title = title;
    const place = new Place(options);
    this.#throttle = new Throttle((output) => place.show(output), BAR_INTERVAL);
  }

  /** Callback for an `onProgress` option that passes the amount done and the total. */
  readonly count = (done: number, total: number): void => {
    this.update(total === 0 ? 1 : done / total, `${done} of ${total}`);
  };

  /**
   * Updates the bar.
   *
   * @param share Fraction of the work that is done, 0 to 1.
   * @param text Text after the percentage, such as `3 of 9`.
   */
  update(share: number, text: string): void {
    this.#last = { share, text };
    const seconds = (performance.now() - this.#begin) / 1000;
    const left = share > 0 && share < 1
      ? `${formatSeconds(seconds / share * (1 - share))} left`
      : formatSeconds(seconds);
    this.#throttle.push(this.#draw([text, left].join(", ")));
  }

  /**
   * Shows text instead of the time left.
   *
   * @param text The text.
   */
  note(text: string): void {
    this.#throttle.push(this.#draw([this.#last.text, text].filter(Boolean).join(", ")));
  }

  /** Waits until the latest update is shown. */
  async flush(): Promise<void> {
    await this.#throttle.flush();
  }

  #draw(text: string): Output {
    const percent = Math.round(100 * this.#last.share);
    const cell = "display:inline-block;vertical-align:middle;height:10px;border-radius:5px;";
    return new Output({
      title: this.#title,
      text: `${this.#title} ${percent} %: ${text}`,
      html: `<div style="font:13px/1.6 system-ui,sans-serif"><span role="progressbar" ` +
        `aria-label="${xmlText(this.#title)}" aria-valuenow="${percent}" ` +
        `style="${cell}width:220px;max-width:60%;margin-right:10px;background:linear-gradient(90deg,#0072b2 ${percent}%,` +
        `rgba(128,128,128,.25) ${percent}%)"></span><b>${xmlText(this.#title)}</b> ` +
        `<span style="font-variant-numeric:tabular-nums">${xmlText(text)}</span></div>`,
    });
  }
}

/** Formats a duration like `12 s`, `3 min` or `2 h 10 min`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 90) return `${Math.max(0, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

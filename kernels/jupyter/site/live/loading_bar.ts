/** Shows how much of what the course needs is loaded. */

import { element, type PageElement } from "../../../../lib/browser/model_page/page_element.ts";
import { describeTimeLeft } from "../../../../lib/browser/model_page/state_words.ts";
import { formatBytes } from "../../../../lib/options/format_bytes.ts";
import { timeLeft } from "./time_left.ts";

/** A bar with a line below it. */
export interface LoadingBar {
  readonly element: PageElement;
  /** Shows the bytes that are loaded so far. */
  show(loadedBytes: number): void;
}

/** Creates a bar. @param bytes Bytes to load. */
export function loadingBar(bytes: number): LoadingBar {
  const bar = element("progress", { max: bytes, value: 0, "aria-label": "Loading" });
  const line = element("p", { class: "line" });
  const secondsUntilDone = timeLeft();
  return {
    element: element("div", { class: "work" }, bar, line),
    show(loadedBytes) {
      bar.setAttribute("value", `${loadedBytes}`);
      const share = Math.min(1, loadedBytes / bytes);
      const left = describeTimeLeft(secondsUntilDone(share));
      const amount = `${formatBytes(loadedBytes)} of ${formatBytes(bytes)}`;
      line.textContent = share < 1 ? [amount, left].filter(Boolean).join(", ") : "Starting …";
    },
  };
}

/** What the steps of the live course have in common. */

import { describeTimeLeft } from "../../../../lib/browser/model_page/state_words.ts";
import type { PageElement } from "../../../../lib/browser/model_page/page_element.ts";
import { button, element, pageDocument } from "../../../../lib/browser/model_page/page_element.ts";
import type { Course } from "./course.ts";
import { problemOf } from "./problem.ts";
import { timeLeft } from "./time_left.ts";

/** The course in the page. */
export interface Live {
  readonly course: Course;
  /** Whether work is under way, so that no other can begin. */
  readonly isBusy: boolean;
  /** Begins or ends work. */
  setBusy(isBusy: boolean): void;
  /** Lets all steps show what there is now. */
  refresh(): Promise<void>;
}

/** A step of the course. */
export interface Step {
  /** Shows what there is now. */
  refresh(): Promise<void>;
}

/** How far work is. */
export interface Progress {
  /** What is being done. */
  readonly what: string;
  /** Fraction of it that is done, with which time remaining is estimated; undefined if unknown. */
  readonly share?: number;
  /** Seconds left, if the work itself estimates them. */
  readonly secondsLeft?: number;
  /** What else to say, at the end of the line. */
  readonly detail?: string;
}

/** Work in progress, as a step sees it. */
export interface Work {
  readonly signal: AbortSignal;
  show(progress: Progress): void;
}

/** A button that begins work, one that stops it, and lines that say how far it is. */
export interface WorkArea {
  readonly element: PageElement;
  /** Enables the button, unless other work is under way. */
  allow(isAllowed: boolean): void;
  /** Words the button. */
  name(label: string): void;
  /** Says how it is, unless the work that ended last has said so. */
  describe(text: string): void;
  /** Forgets how the last work ended. */
  reset(): void;
}

/**
 * Creates a work area.
 *
 * @param run Does the work; its result is the line to show at the end.
 * @param options.canStop Whether the work can be stopped; true by default.
 */
export function workArea(
  live: Live,
  label: string,
  run: (work: Work) => Promise<string>,
  { canStop = true }: { readonly canStop?: boolean } = {},
): WorkArea {
  const bar = element("progress", { max: 1, "aria-label": label });
  // It changes several times a second, which a status would have read aloud.
  const line = element("p", { class: "line" });
  const progress = element("div", { hidden: true }, bar, line);
  const status = element("p", { class: "status", role: "status" });
  const problem = element("p", { class: "problem", role: "alert", hidden: true });
  let stop = new AbortController();
  const stopButton = button("Stop", () => {
    stop.abort(new Error("Stopped"));
    stopButton.disabled = true;
    line.textContent = "Stopping …";
  }, { disabled: true });
  const secondsUntilDone = timeLeft();
  const show = ({ what, share, secondsLeft, detail = "" }: Progress) => {
    const left = describeTimeLeft(secondsLeft ?? secondsUntilDone(share));
    if (!stop.signal.aborted) line.textContent = [what, left, detail].filter(Boolean).join(", ");
    if (share === undefined) bar.removeAttribute("value");
    else bar.setAttribute("value", `${share}`);
  };
  const begin = async () => {
    stop = new AbortController();
    live.setBusy(true);
    stopButton.disabled = false;
    stopButton.focus({ preventScroll: true });
    progress.hidden = false;
    problem.hidden = true;
    status.textContent = "";
    line.textContent = "";
    try {
      status.textContent = await run({ signal: stop.signal, show });
    } catch (error) {
      const isStopped = stop.signal.aborted && error === stop.signal.reason;
      status.textContent = isStopped ? "Stopped." : "";
      problem.hidden = isStopped;
      if (!isStopped) problem.textContent = problemOf(error);
    } finally {
      progress.hidden = true;
      const hadFocus = [stopButton, pageDocument.body].includes(pageDocument.activeElement!);
      stopButton.disabled = true;
      live.setBusy(false);
      await live.refresh();
      if (hadFocus) start.focus({ preventScroll: true });
    }
  };
  const start = button(label, () => void begin(), { class: "primary" });
  return {
    element: element(
      "div",
      { class: "work" },
      element("div", { class: "buttons" }, start, ...canStop ? [stopButton] : []),
      progress,
      status,
      problem,
    ),
    allow: (isAllowed) => start.disabled = live.isBusy || !isAllowed,
    name: (label) => start.textContent = label,
    describe(text) {
      if (!live.isBusy && problem.hidden && status.textContent === "") status.textContent = text;
    },
    reset() {
      status.textContent = "";
      problem.hidden = true;
    },
  };
}

/** A slider with its label and value. */
export interface Slider {
  readonly element: PageElement;
  readonly input: PageElement;
  /** The chosen value. */
  value(): number;
}

/** Creates a slider. @param options.oninput Called when the reader moves it. */
export function slider(
  { label, format = String, oninput, ...range }: {
    readonly label: string;
    readonly min: number;
    readonly max: number;
    readonly step: number;
    readonly value: number;
    readonly format?: (value: number) => string;
    readonly oninput?: () => void;
  },
): Slider {
  const shown = element("output", {}, format(range.value));
  const describe = () => {
    const text = format(Number(input.value));
    shown.textContent = text;
    input.setAttribute("aria-valuetext", text);
  };
  const input = element("input", {
    type: "range",
    "aria-valuetext": format(range.value),
    ...range,
    oninput() {
      describe();
      oninput?.();
    },
  });
  return {
    element: element("label", { class: "slider" }, element("span", {}, label), input, shown),
    input,
    value: () => Number(input.value),
  };
}

/** Fills a section of the page, which has its heading and introduction. */
export function fillSection(id: string, ...children: (PageElement | string)[]): void {
  const [section] = pageDocument.body.querySelectorAll(`#${id}`);
  section.append(...children);
}

/** The curves of a training, in the page's colours. */

import type { TrainingLog } from "../../../../lib/browser/mod.ts";
import { drawCurves, type DrawingContext } from "../../../../lib/display/draw_curves.ts";
import { element, type PageElement } from "../../../../lib/browser/model_page/page_element.ts";

/** A canvas, with the members that are used. */
interface Canvas extends PageElement {
  width: number;
  height: number;
  readonly clientWidth: number;
  getContext(kind: "2d"): DrawingContext;
}

/** The parts of a page's window that are used. */
interface Window {
  readonly devicePixelRatio: number;
  getComputedStyle(element: PageElement): {
    readonly color: string;
    readonly backgroundColor: string;
    readonly borderTopColor: string;
  };
  readonly ResizeObserver: new (call: () => void) => { observe(element: PageElement): void };
  readonly MutationObserver: new (call: () => void) => {
    observe(target: unknown, options: { readonly attributeFilter: readonly string[] }): void;
  };
  matchMedia(query: string): { addEventListener(type: "change", call: () => void): void };
  readonly document: { readonly documentElement: unknown };
}

/** Height in pixels of the page. */
const HEIGHT = 320;

/** Curves that can be drawn anew. */
export interface Curves {
  readonly element: PageElement;
  /** Draws a log; undefined or an empty one hides the curves. */
  draw(log: TrainingLog | undefined): void;
}

/** Creates the curves, hidden until there is a log. */
export function curves(): Curves {
  const page = globalThis as unknown as Window;
  const canvas = element("canvas", { class: "curves", role: "img", hidden: true }) as Canvas;
  let drawn: TrainingLog | undefined;
  const paint = () => {
    const width = canvas.clientWidth;
    if (!drawn || width === 0) return;
    const ratio = page.devicePixelRatio;
    [canvas.width, canvas.height] = [Math.round(width * ratio), Math.round(HEIGHT * ratio)];
    const context = canvas.getContext("2d");
    context.scale(ratio, ratio);
    const { color: text, backgroundColor: background, borderTopColor: grid } = page
      .getComputedStyle(canvas);
    drawCurves(context, drawn, {
      width,
      height: HEIGHT,
      panels: ["learning"],
      colors: { text, background, grid },
    });
  };
  // Width and colours change with the window and the theme.
  new page.ResizeObserver(paint).observe(canvas);
  new page.MutationObserver(paint).observe(page.document.documentElement, {
    attributeFilter: ["data-theme"],
  });
  page.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
  return {
    element: canvas,
    draw(log) {
      drawn = log && log.trainLosses.length > 0 ? log : undefined;
      canvas.hidden = !drawn;
      if (drawn) canvas.setAttribute("aria-label", describe(drawn));
      paint();
    },
  };
}

function describe({ trainLosses, valLosses, meanForegroundDice }: TrainingLog): string {
  const last = (values: readonly number[]) => values.at(-1)!.toFixed(3);
  return `After ${trainLosses.length} epochs: training loss ${
    last(trainLosses)
  }, validation loss ` +
    `${last(valLosses)}, pseudo Dice ${last(meanForegroundDice)}`;
}

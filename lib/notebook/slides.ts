/** Shows one of several pictures, chosen by a slider. */

import { imageTag, liveElement, Output } from "./output.ts";
import { xmlText } from "../display/xml_text.ts";
import script from "./slides.js" with { type: "text" };
import { requireKnown } from "../options/require_known.ts";

/** One position of the slider. */
export interface Slide {
  /** Value at this position, such as `0.5`. */
  readonly label: string;
  /** A PNG, a fragment of a page, or an output with either; a page is preferred. */
  readonly content: Uint8Array | string | Output;
}

/**
 * Makes an output that shows one slide at a time, chosen by a slider. If scripts are blocked, it
 * shows all slides below each other.
 *
 * @param name Name of the quantity that the slider changes.
 * @param items The slides, in order.
 * @param options.start Index of the slide shown first, 0 by default.
 * @param options.title Title of the output, `name` by default.
 * @returns The output.
 * @throws {RangeError} If there are no slides.
 *
 * @example
 * ```ts
 * import { slides, table } from "nnunet/notebook";
 * import assert from "node:assert/strict";
 *
 * const output = slides("memory", [
 *   { label: "1 GB", content: table(["batch"], [[2]]) },
 *   { label: "8 GB", content: table(["batch"], [[9]]) },
 * ]);
 * assert.equal(output.text, "memory: 1 GB, 8 GB");
 * ```
 */
export function slides(
  name: string,
  items: readonly Slide[],
  options: { readonly start?: number; readonly title?: string } = {},
): Output {
  requireKnown(options, { start: true, title: true }, "show slides");
  const { start = 0, title = name } = options;
  if (items.length === 0) {
    throw new RangeError(`Cannot show slides of ${name}: found no slides, expected at least one`);
  }
  const body = items.map(({ label, content }) =>
    `<div data-slide><div data-caption>${xmlText(`${name} ${label}`)}</div>${
      htmlOf(content, `${name} ${label}`)
    }</div>`
  ).join("");
  return new Output({
    title,
    text: `${name}: ${items.map(({ label }) => label).join(", ")}`,
    html: liveElement({
      script,
      open: "openSlides",
      data: { name, labels: items.map(({ label }) => label), start },
      fallback: body,
    }),
  });
}

function htmlOf(content: Slide["content"], alternative: string): string {
  if (typeof content === "string") return content;
  if (content instanceof Uint8Array) return imageTag(content, alternative);
  return content.html ?? imageTag(content.png!, alternative, content.pngSize);
}

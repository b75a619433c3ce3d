/** One picture for each of a row of values, and a slider to go through them. */

import { imageTag, liveElement, Output } from "./output.ts";
import { escapeXml } from "../display/png.ts";
import script from "./slides.js" with { type: "text" };

/** What is shown at one place of the slider. */
export interface Slide {
  /** The value there, such as `0.5`. */
  readonly label: string;
  /** A PNG, or part of a page; an output shows its page, or else its picture. */
  readonly content: Uint8Array | string | Output;
}

/**
 * Pictures behind a slider. Where no script runs, all of them stand below each other.
 *
 * @param name What the slider changes.
 * @param start Slide shown at first, 0 by default.
 * @throws {RangeError} If there are no slides.
 */
export function slides(
  name: string,
  frames: readonly Slide[],
  { start = 0, title = name }: { readonly start?: number; readonly title?: string } = {},
): Output {
  if (frames.length === 0) throw new RangeError(`Cannot show slides of ${name}: got none`);
  const body = frames.map(({ label, content }) =>
    `<div data-slide><div data-caption>${escapeXml(`${name} ${label}`)}</div>${
      htmlOf(content, `${name} ${label}`)
    }</div>`
  ).join("");
  return new Output({
    title,
    text: `${name}: ${frames.map(({ label }) => label).join(", ")}`,
    html: liveElement({
      script,
      open: "openSlides",
      data: { name, labels: frames.map(({ label }) => label), start },
      fallback: body,
    }),
  });
}

function htmlOf(content: Slide["content"], alternative: string): string {
  if (typeof content === "string") return content;
  if (content instanceof Uint8Array) return imageTag(content, alternative);
  return content.html ?? imageTag(content.png!, alternative);
}

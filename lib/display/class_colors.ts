/** Class colours, distinguishable with colour-vision deficiency where possible. */

/** Red, green and blue, 0 to 255. */
export type Rgb = readonly [red: number, green: number, blue: number];

/** Colour of labels without a name. */
export const unnamedColor: Rgb = [140, 140, 140];

/**
 * Okabe and Ito's palette, ordered by contrast to grey scans. Black, which is invisible on a scan, is
 * replaced by white.
 *
 * @see https://jfly.uni-koeln.de/color/
 */
const okabeIto: readonly Rgb[] = [
  [230, 159, 0], // orange
  [86, 180, 233], // sky blue
  [0, 158, 115], // bluish green
  [240, 228, 66], // yellow
  [204, 121, 167], // reddish purple
  [213, 94, 0], // vermillion
  [0, 114, 178], // blue
  [255, 255, 255], // white
];

/**
 * Returns the colour of a class.
 *
 * After the palette's eight colours, hues step by the golden angle so that neighbours differ, and
 * lightness alternates so that hue is not the only difference.
 *
 * @param index Position among the foreground classes, from 0.
 * @returns Red, green and blue, 0 to 255.
 *
 * @example The first class is orange
 * ```ts
 * import assert from "node:assert/strict";
 * import { classColor } from "nnunet";
 *
 * assert.deepEqual(classColor(0), [230, 159, 0]);
 * ```
 */
export function classColor(index: number): Rgb {
  if (index < okabeIto.length) return okabeIto[index];
  const lightness = [0.72, 0.56, 0.86][index % 3];
  return fromOklch(lightness, 0.13, (index - okabeIto.length) * 137.508 + 20);
}

/** Formats a colour for CSS, such as `#e69f00`. */
export function hexOf(color: Rgb): string {
  return "#" + color.map((part) => part.toString(16).padStart(2, "0")).join("");
}

/**
 * Converts Oklch to sRGB. In Oklch, equal steps of lightness look equal for any hue.
 *
 * @see https://bottosson.github.io/posts/oklab/
 */
function fromOklch(lightness: number, chroma: number, hueDegrees: number): Rgb {
  const hue = hueDegrees * Math.PI / 180;
  const a = chroma * Math.cos(hue);
  const b = chroma * Math.sin(hue);
  const long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const short = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    encodeSrgb(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short),
    encodeSrgb(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short),
    encodeSrgb(-0.0041960863 * long - 0.7034186147 * medium + 1.707614701 * short),
  ];
}

/** Converts linear light, clipped to [0, 1], to an sRGB byte. */
function encodeSrgb(light: number): number {
  const clipped = Math.min(1, Math.max(0, light));
  const encoded = clipped <= 0.0031308 ? 12.92 * clipped : 1.055 * clipped ** (1 / 2.4) - 0.055;
  return Math.round(255 * encoded);
}

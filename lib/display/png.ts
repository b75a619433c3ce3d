/** PNG files from drawings and from pixels. */

import { dirname } from "@std/path";
import { packageFile } from "../platform/package_file.ts";
import type { PngPicture } from "../platform/png_codec.ts";

/** Pixels, row by row from the top, four bytes each: red, green, blue, alpha. */
export type Raster = PngPicture;

/** The font that every picture uses, and that travels with the library. */
export const fontFamily = "DejaVu Sans";

/**
 * Draws an SVG at its own size, or at a width in pixels.
 *
 * All text is set in {@link fontFamily}: no font of the system is looked at, so that a picture is
 * the same on every machine and there is text on those without fonts. Drawing, though not encoding,
 * happens off the calling thread.
 *
 * @throws {Error} If the SVG is not well-formed.
 */
export async function svgToPng(
  svg: string,
  { width }: { readonly width?: number } = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const { renderAsync } = await import("@resvg/resvg-js");
  const regular = packageFile("dejavu-fonts-ttf/ttf/DejaVuSans.ttf");
  const folder = dirname(regular);
  const rendered = await renderAsync(svg, {
    fitTo: width === undefined ? { mode: "original" } : { mode: "width", value: width },
    font: {
      loadSystemFonts: false,
      fontFiles: [regular, `${folder}/DejaVuSans-Bold.ttf`],
      defaultFontFamily: fontFamily,
    },
  });
  return new Uint8Array(rendered.asPng());
}

/** Encodes pixels, quickly rather than tightly. */
export async function encodePng(raster: Raster): Promise<Uint8Array<ArrayBuffer>> {
  const { encodeColors } = await import("../platform/png_codec.ts");
  return encodeColors(raster);
}

/** Text made safe for an SVG's elements and attributes. */
export function escapeXml(text: string): string {
  const entities: Record<string, string> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&apos;",
  };
  return text.replace(/[&<>"']/g, (character) => entities[character]);
}

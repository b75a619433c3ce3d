/** Encodes SVG drawings and pixels as PNG. */

import { boldFont, regularFont } from "../packages/dejavu_fonts.ts";
import { packageFile } from "../platform/package_file.ts";
import type { PngPicture } from "../platform/png_codec.ts";

/** Pixels, row by row from the top, four bytes each: red, green, blue, alpha. */
export type Raster = PngPicture;

/** The font of all images, which is shipped with the library. */
export const fontFamily = "DejaVu Sans";

/**
 * Renders an SVG to PNG.
 *
 * All text uses {@link fontFamily}; system fonts are ignored, so that images are the same on every
 * machine, including those without fonts. Rendering, but not encoding, runs off the calling thread.
 *
 * @param options.width Width in pixels; the SVG's own by default.
 *
 * @throws {Error} If the SVG is not well-formed.
 */
export async function svgToPng(
  svg: string,
  { width }: { readonly width?: number } = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const { renderAsync } = await import("../packages/resvg.ts");
  const rendered = await renderAsync(svg, {
    fitTo: width === undefined ? { mode: "original" } : { mode: "width", value: width },
    font: {
      loadSystemFonts: false,
      fontFiles: [regularFont, boldFont].map(packageFile),
      defaultFontFamily: fontFamily,
    },
  });
  return new Uint8Array(rendered.asPng());
}

/** Encodes pixels as PNG, favouring speed over file size. */
export async function encodePng(raster: Raster): Promise<Uint8Array<ArrayBuffer>> {
  const { encodeColors } = await import("../platform/png_codec.ts");
  return encodeColors(raster);
}

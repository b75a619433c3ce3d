/** Encodes SVG drawings and pixels as PNG in a page; stands in for `lib/display/png.ts`. */

import type { Raster } from "../../../../lib/display/png.ts";
import { encodeColors } from "../../../../lib/platform/png_codec.ts";

export type { Raster };

/** The font of all images; that of the browser where the reader's machine lacks it. */
export const fontFamily = "DejaVu Sans, system-ui, sans-serif";

/** The parts of a page that are used. */
interface Page {
  readonly document: { createElement(tag: "canvas"): Canvas };
  readonly Image: new () => Picture;
}

interface Picture {
  src: string;
  readonly naturalWidth: number;
  readonly naturalHeight: number;
  decode(): Promise<void>;
}

interface Canvas {
  width: number;
  height: number;
  getContext(kind: "2d"): {
    drawImage(image: Picture, x: number, y: number, width: number, height: number): void;
  };
  toBlob(use: (blob: Blob | null) => void, type: "image/png"): void;
}

/**
 * Renders an SVG to PNG.
 *
 * @param options.width Width in pixels; the SVG's own by default.
 * @throws {Error} If the SVG is not well-formed.
 */
export async function svgToPng(
  svg: string,
  { width }: { readonly width?: number } = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const { document, Image } = globalThis as unknown as Page;
  const picture = new Image();
  // Not the address of a blob: browsers taint canvases with some of those.
  picture.src = `data:image/svg+xml;base64,${new TextEncoder().encode(svg).toBase64()}`;
  try {
    await picture.decode();
  } catch (cause) {
    throw new Error("Cannot draw the picture: its SVG is not well-formed", { cause });
  }
  const scale = width === undefined ? 1 : width / picture.naturalWidth;
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.naturalWidth * scale);
  canvas.height = Math.round(picture.naturalHeight * scale);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
  if (!blob) {
    throw new Error(
      `Cannot draw the picture: the browser made none of ${canvas.width} × ${canvas.height} pixels`,
    );
  }
  return new Uint8Array(await blob.arrayBuffer());
}

/** Encodes pixels as PNG, favouring speed over file size. */
export function encodePng(raster: Raster): Promise<Uint8Array<ArrayBuffer>> {
  return Promise.resolve(encodeColors(raster));
}

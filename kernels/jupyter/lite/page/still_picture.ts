/** Shrinks the fallback pictures of viewers; stands in for `lib/notebook/still_picture.ts`. */

/** The parts of a page that are used. */
interface Page {
  createImageBitmap(picture: Blob): Promise<Bitmap>;
  readonly OffscreenCanvas: new (width: number, height: number) => Canvas;
}

interface Bitmap {
  readonly width: number;
  readonly height: number;
}

interface Canvas {
  getContext(kind: "2d"): {
    drawImage(picture: Bitmap, x: number, y: number): void;
    getImageData(x: number, y: number, width: number, height: number): Pixels;
    putImageData(pixels: Pixels, x: number, y: number): void;
  };
  convertToBlob(options: { readonly type: "image/png" }): Promise<Blob>;
}

interface Pixels {
  readonly data: Uint8ClampedArray;
}

/**
 * Reduces the colours of a PNG to four bits each, as `lib/notebook/still_picture.ts` does.
 *
 * @param png Picture without transparency.
 */
export async function thriftyPng(png: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const { createImageBitmap, OffscreenCanvas } = globalThis as unknown as Page;
  const picture = await createImageBitmap(new Blob([png]));
  const { width, height } = picture;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  context.drawImage(picture, 0, 0);
  const pixels = context.getImageData(0, 0, width, height);
  const { data } = pixels;
  // The kept bits are repeated in the lower half, so that white stays white.
  for (let i = 0; i < data.length; i++) data[i] = (data[i] & 0xf0) | (data[i] & 0xf0) >> 4;
  context.putImageData(pixels, 0, 0);
  return new Uint8Array(await (await canvas.convertToBlob({ type: "image/png" })).arrayBuffer());
}

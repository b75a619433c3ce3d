/** Shrinks the fallback pictures that pages show if scripts are blocked. */

import { promisify } from "node:util";

/** Bits kept per colour: noise takes most of a scan's picture, and losing it is hardly visible. */
const BITS = 4;

/**
 * Reduces the colours of a PNG, which leaves about a quarter of its bytes.
 *
 * @param png Picture without transparency.
 */
export async function thriftyPng(png: Uint8Array): Promise<Uint8Array> {
  const { PNG } = await import("../packages/pngjs.ts");
  const { Buffer } = await import("node:buffer");
  const picture = new PNG({ colorType: 2, inputHasAlpha: true, deflateLevel: 9 });
  await promisify(picture.parse.bind(picture) as (data: Uint8Array, done: Done) => void)(
    Buffer.from(png),
  );
  const { data } = picture;
  const mask = (0xff << (8 - BITS)) & 0xff;
  // Repeat the kept bits in the lower half, so that white stays white.
  for (let i = 0; i < data.length; i++) data[i] = (data[i] & mask) | (data[i] & mask) >> BITS;
  return new Uint8Array(PNG.sync.write(picture, { colorType: 2, deflateLevel: 9 }));
}

type Done = (error: Error | null) => void;

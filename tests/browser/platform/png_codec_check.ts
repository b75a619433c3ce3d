/** Compares the codec of pages with this platform's; `png_codec_test.ts` runs it. */

import assert from "node:assert/strict";
import * as browser from "../../../lib/browser/platform/png_codec.ts";
import * as own from "../../../lib/platform/png_codec.ts";

const random = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 7919) % 256);

const picture = { width: 5, height: 3, data: random(60) };
assert.deepEqual(
  own.decodePng(browser.encodeColors(picture)),
  own.decodePng(own.encodeColors(picture)),
);
for (const sampleBytes of [1, 2]) {
  const grey = { width: 5, height: 3, data: random(15 * sampleBytes) };
  const packed = own.encodeGrey(grey, sampleBytes);
  assert.deepEqual(
    Array.from(browser.decodePng(packed)),
    Array.from(own.decodePng(packed)),
  );
  assert.deepEqual(
    Array.from(own.decodePng(browser.encodeGrey(grey, sampleBytes))),
    Array.from(own.decodePng(packed)),
  );
}
assert.throws(() => browser.decodePng(own.encodeColors(picture).subarray(0, 50)));

/** Checks that every view gives label 1 the palette's orange and label 2 its sky blue. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { PNG } from "pngjs";
import { sliceRow } from "../../lib/notebook/slice_picture.ts";
import { surfaceView } from "../../lib/notebook/surface_view.ts";
import { volumeView } from "../../lib/notebook/volume_view.ts";

const orange = [230, 159, 0], skyBlue = [86, 180, 233];

const shape = [4, 8, 8] as const;
const geometry = {
  shape,
  spacing: [1, 1, 1] as const,
  affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
};
const labels = Uint8Array.from({ length: 256 }, (_, i) => [0, 1, 1, 0, 0, 2, 2, 0][i % 8]);
const segmentation = { geometry, data: labels };
const classNames = ["first", "second"];

/** Returns the classes with their colours that a view's page is given. */
function classesIn(html: string | undefined): Record<string, unknown> {
  const text = html!.replaceAll("&quot;", '"').match(/"classes":(\[.*?\}\])/)![1];
  const classes: { name: string; label: number; color: number[] }[] = JSON.parse(text);
  return Object.fromEntries(classes.map(({ name, label, color }) => [name, { label, color }]));
}

const expected = {
  first: { label: 1, color: orange },
  second: { label: 2, color: skyBlue },
};

Deno.test("volumeView() gives classes the palette's colours in order", async () => {
  const image = { geometry, channels: 1, data: new Float32Array(256) };
  const options = { image, prediction: segmentation, classNames, title: "Two classes" };
  const { html } = await volumeView(options);
  assert.deepEqual(classesIn(html), expected);
});

Deno.test("surfaceView() gives classes the palette's colours in order", async () => {
  const { html } = await surfaceView(segmentation, { classNames, embedNiivue: false });
  assert.deepEqual(classesIn(html), expected);
});

Deno.test("sliceRow() outlines labels in the palette's colours", async () => {
  const panel = { title: "", values: new Float32Array(64), width: 8, height: 8 };
  const png = await sliceRow([{ ...panel, labels: labels.subarray(0, 64) }], { size: 80 });
  const { data, width, height } = PNG.sync.read(Buffer.from(png));
  // In the middle of the panel's height; each label covers 20 of its 80 pixels.
  const row = height >> 1;
  const columnsOf = ([red, green, blue]: number[]) =>
    Array.from({ length: width }, (_, x) => x).filter((x) => {
      const at = 4 * (row * width + x);
      return Math.abs(data[at] - red) + Math.abs(data[at + 1] - green) +
          Math.abs(data[at + 2] - blue) < 12;
    });
  const [first, second] = [orange, skyBlue].map(columnsOf);
  assert.ok(first.length >= 2 && second.length >= 2, `${first} and ${second}`);
  assert.ok(first.every((x) => x < width / 2) && second.every((x) => x > width / 2));
});

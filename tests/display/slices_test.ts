import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { PNG } from "pngjs";
import type { Rgb } from "../../lib/display/class_colors.ts";
import { errorColors } from "../../lib/display/overlay.ts";
import { type ComparisonOptions, renderComparison } from "../../lib/display/slices.ts";

/** Okabe and Ito's orange for label 1, and sky blue for label 2. */
const classColors: readonly Rgb[] = [[230, 159, 0], [86, 180, 233]];

/** Makes a grey ramp of 8 × 10 × 12 voxels with adjacent blocks of labels 1 and 2. */
const shape = [8, 10, 12] as const;
const size = shape[0] * shape[1] * shape[2];
const geometry = {
  shape,
  spacing: [2, 1, 1] as const,
  affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1],
};
const image = {
  geometry,
  channels: 1,
  data: Float32Array.from({ length: size }, (_, i) => i % 12),
};

function drawBlocks(): Uint8Array<ArrayBuffer> {
  const labels = new Uint8Array(size);
  for (let z = 2; z < 6; z++) {
    for (let y = 3; y < 7; y++) labels.set([1, 1, 2, 2], (z * 10 + y) * 12 + 4);
  }
  return labels;
}

/** Renders a case whose prediction each test modifies in its own way. */
async function render(changes: Partial<ComparisonOptions>, prediction = drawBlocks()) {
  const bytes = await renderComparison({
    image,
    truth: { geometry, data: drawBlocks() },
    prediction: { geometry, data: prediction },
    classNames: ["left", "right"],
    title: "Two blocks",
    ...changes,
  });
  return PNG.sync.read(Buffer.from(bytes)) as { width: number; height: number; data: Uint8Array };
}

type Picture = Awaited<ReturnType<typeof render>>;

/** Counts pixels of roughly a colour in part of a picture, given by fractions of its size. */
function count(picture: Picture, [red, green, blue]: Rgb, from = [0, 0], to = [1, 1]): number {
  const { width, height, data } = picture;
  let found = 0;
  for (let y = Math.floor(from[1] * height); y < Math.floor(to[1] * height); y++) {
    for (let x = Math.floor(from[0] * width); x < Math.floor(to[0] * width); x++) {
      const at = 4 * (y * width + x);
      const distance = Math.abs(data[at] - red) + Math.abs(data[at + 1] - green) +
        Math.abs(data[at + 2] - blue);
      if (distance < 45) found++;
    }
  }
  return found;
}

/** The error column, without the legend below. */
const errorPanels = [[0.75, 0], [1, 0.94]] as const;

Deno.test("renderComparison() draws classes in both overlays and in the legend", async () => {
  const picture = await render({ dice: [1, 1] });
  assert.ok(Math.abs(picture.width - 1200) < 10, String(picture.width));
  for (const label of [0, 1]) {
    assert.ok(count(picture, classColors[label], [0.25, 0], [0.5, 0.94]) > 200, "truth");
    assert.ok(count(picture, classColors[label], [0.5, 0], [0.75, 0.94]) > 200, "prediction");
    assert.ok(count(picture, classColors[label], [0.25, 0.94], [0.75, 1]) > 100, "legend");
  }
});

Deno.test("renderComparison() draws each kind of error where it occurs and none elsewhere", async () => {
  const area = (2 * 10 + 3) * 12;
  const cases = {
    none: (_labels: Uint8Array) => {},
    missed: (labels: Uint8Array) => labels.fill(0, 4 * 120 + 4 * 12 + 4, 4 * 120 + 4 * 12 + 6),
    added: (labels: Uint8Array) => labels.fill(1, area, size - area),
    "wrong class": (labels: Uint8Array) => labels.forEach((label, i) => labels[i] = label && 1),
  };
  for (const [kind, breakIt] of Object.entries(cases)) {
    const prediction = drawBlocks();
    breakIt(prediction);
    const picture = await render({}, prediction);
    for (const [name, color] of Object.entries(errorColors)) {
      const drawn = count(picture, color, ...errorPanels as unknown as [number[], number[]]);
      const expected = name === kind || (kind === "added" && name === "wrong class");
      assert.equal(drawn > 200, expected, `${kind}: ${drawn} pixels of ${name}`);
    }
  }
});

Deno.test("renderComparison() shows no errors where the truth is an ignore label", async () => {
  const truth = { geometry, data: drawBlocks().map((label) => label === 2 ? 9 : label) };
  const picture = await render({ truth });
  for (const color of Object.values(errorColors)) {
    assert.ok(count(picture, color, ...errorPanels as unknown as [number[], number[]]) < 20);
  }
});

Deno.test("renderComparison() keeps proportions by drawing voxels twice as thick twice as tall", async () => {
  const thin = await render({});
  const flat = { ...geometry, spacing: [1, 1, 1] as const };
  const thick = await render({
    image: { ...image, geometry: flat },
    truth: undefined,
    prediction: undefined,
  });
  // Scans of 12 × 10 × 16 mm and 12 × 10 × 8 mm, at the same column width.
  const [tall, low] = [thin.height - 92, thick.height - 92];
  const scales = [280 / 12, 380 / 12];
  assert.ok(Math.abs(tall - (10 + 16 + 16) * scales[0]) < 100, String(tall));
  assert.ok(Math.abs(low - (10 + 8 + 8) * scales[1]) < 100, String(low));
});

Deno.test("renderComparison() shows the patient's left on the right", async () => {
  // Label 1 has the lower x, which is the patient's left in this grid.
  const picture = await render({});
  const centre = (color: Rgb) => {
    const columns: number[] = [];
    for (let x = 0.5; x < 0.75; x += 0.005) {
      if (count(picture, color, [x, 0.1], [x + 0.005, 0.35]) > 0) columns.push(x);
    }
    return columns.reduce((sum, x) => sum + x, 0) / columns.length;
  };
  assert.ok(centre(classColors[0]) > centre(classColors[1]));
});

Deno.test("renderComparison() rejects shapes and channels that do not match", async () => {
  const other = { ...geometry, shape: [8, 10, 11] as const };
  await assert.rejects(render({ truth: { geometry: other, data: new Uint8Array(880) } }), {
    name: "RangeError",
    message: "Cannot render comparison: truth has shape (z, y, x) [8,10,11], " +
      "expected the image's [8,10,12]",
  });
  await assert.rejects(render({ channel: 1 }), /channel is 1, expected 0 to 0/);
});

import assert from "node:assert/strict";
import { restoreProbabilities } from "../../lib/labels/restore_probabilities.ts";
import type { CaseProperties } from "../../lib/preprocessing/preprocessed_case.ts";

/** A case of one row, which preprocessing halved in length. */
const properties: CaseProperties = {
  geometry: {
    shape: [1, 1, 6],
    spacing: [1, 1, 1],
    affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
  },
  shapeBeforeCropping: [1, 1, 6],
  cropBox: [[0, 1], [0, 1], [2, 6]],
  shapeAfterCropping: [1, 1, 4],
  spacingAfterTransposing: [1, 1, 1],
};
const options = {
  properties,
  plansData: { transposeBackward: [0, 1, 2] as const },
  configuration: { spacing: [1, 1, 2] },
};

function assertClose(found: Iterable<ArrayLike<number>>, expected: readonly (readonly number[])[]) {
  const heads = [...found];
  assert.equal(heads.length, expected.length);
  for (const [head, values] of heads.entries()) {
    Array.from(values).forEach((value, i) =>
      assert.ok(Math.abs(value - expected[head][i]) < 1e-7, `${head}, ${i}: ${value}`)
    );
  }
}

Deno.test("restoreProbabilities() is a softmax of resampled logits, background outside", async () => {
  // So large that the logits' exponentials overflow.
  const data = Float32Array.of(1000, 1000, 1002, 1000, 1001, 1009);
  const { shape, pieces } = await restoreProbabilities({ shape: [3, 1, 1, 2], data }, {
    ...options,
    heads: { count: 3 },
  });
  assert.deepEqual(shape, [3, 1, 1, 6]);
  const resampled = [[0, 0, 0, 0], [2, 1.5, 0.5, 0], [1, 3, 7, 9]];
  const sums = [0, 1, 2, 3].map((i) => resampled.reduce((sum, head) => sum + Math.exp(head[i]), 0));
  const outside = [[1, 1], [0, 0], [0, 0]];
  assertClose(
    pieces as Iterable<Float32Array>,
    resampled.map((head, h) => [...outside[h], ...head.map((x, i) => Math.exp(x) / sums[i])]),
  );
});

Deno.test("restoreProbabilities() is a sigmoid of each region, zero outside", async () => {
  const { pieces } = await restoreProbabilities(
    { shape: [2, 1, 1, 2], data: Float32Array.of(-4, 4, 0, 2) },
    {
      ...options,
      heads: {
        count: 2,
        regions: [{ labels: [1, 2], outputLabel: 1 }, { labels: [2], outputLabel: 2 }],
      },
    },
  );
  assertClose(
    pieces as Iterable<Float32Array>,
    [[-4, -2, 2, 4], [0, 0.5, 1.5, 2]].map((head) => [
      0,
      0,
      ...head.map((x) => 1 / (1 + Math.exp(-x))),
    ]),
  );
});

Deno.test("restoreProbabilities() rejects logits on another grid", async () => {
  const logits = { shape: [2, 1, 1, 3], data: new Float32Array(6) };
  await assert.rejects(restoreProbabilities(logits, { ...options, heads: { count: 2 } }), {
    name: "TypeError",
    message: /shape \[2,1,1,3\], expected \[2,1,1,2\]/,
  });
});

Deno.test("restoreProbabilities() separates the coarse axis of the plan's grid before the scan's", async () => {
  // As nnU-Net's determine_do_sep_z_and_axis(), which looks at the logits' spacing first: the scan's
  // coarse axis, x, is interpolated.
  const { pieces } = await restoreProbabilities(
    { shape: [1, 1, 1, 8], data: Float32Array.of(0, 1, 3, 0, 0, -2, 4, 0) },
    {
      properties: {
        ...properties,
        geometry: { ...properties.geometry, shape: [4, 1, 2], spacing: [1, 1, 4] },
        shapeBeforeCropping: [4, 1, 2],
        cropBox: [[0, 4], [0, 1], [0, 2]],
        shapeAfterCropping: [4, 1, 2],
        spacingAfterTransposing: [1, 1, 4],
      },
      plansData: { transposeBackward: [0, 1, 2] },
      configuration: { spacing: [4, 1, 1] },
      heads: { count: 1, regions: [{ labels: [1], outputLabel: 1 }] },
    },
  );
  // Between voxels 1 and 2, and between 5 and 6, in all four planes.
  const [left, right] = [2, 1].map((logit) => 1 / (1 + Math.exp(-logit)));
  const row = [left, right];
  assertClose(pieces as Iterable<Float32Array>, [[...row, ...row, ...row, ...row]]);
});

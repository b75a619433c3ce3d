import assert from "node:assert/strict";
import fc from "fast-check";
import { zyx } from "../../lib/array/nd_array.ts";
import { compareSurfaces } from "../../lib/evaluation/surface.ts";
import golden from "../golden/surfaces.json" with { type: "json" };

const decode = (bits: string) => Uint8Array.from(bits, Number);

for (const { name, shape, spacing, reference, prediction, ignored, ...expected } of golden.cases) {
  Deno.test(`compareSurfaces() agrees with MONAI and SciPy: ${name}`, () => {
    const agreement = compareSurfaces({
      // MONAI's 2D images are volumes of one slice here.
      shape: zyx([1, ...shape].slice(-3)),
      spacing: zyx([999, ...spacing].slice(-3)),
      reference: decode(reference),
      prediction: decode(prediction),
      ignored: decode(ignored),
    }, golden.tolerance);
    for (const [measure, value] of Object.entries(expected)) {
      // Distances are stored in single precision.
      assert.ok(Math.abs(agreement[measure as keyof typeof agreement] - value) < 1e-6, measure);
    }
  });
}

const line = (reference: number[], prediction: number[], spacing = 1, tolerance = 1) =>
  compareSurfaces({
    shape: [1, 1, reference.length],
    spacing: [1, 1, spacing],
    reference: Uint8Array.from(reference),
    prediction: Uint8Array.from(prediction),
  }, tolerance);

Deno.test("compareSurfaces() agrees with a worked example whose ends differ by 2 voxels", () => {
  const agreement = line([0, 1, 1, 1, 0, 0, 0], [0, 1, 1, 1, 1, 1, 0], 0.5);
  assert.equal(agreement.averageSurfaceDistance, (0 + 1 + 0 + 1) / 4);
  assert.equal(agreement.surfaceDice, 1); // A distance equal to the tolerance counts as within it.
  assert.equal(agreement.hausdorff95, 0.95);
});

Deno.test("compareSurfaces() distinguishes absence in both maps from absence in one", () => {
  assert.deepEqual(line([0, 0], [0, 0]), {
    hausdorff95: NaN,
    averageSurfaceDistance: NaN,
    surfaceDice: NaN,
  });
  for (const agreement of [line([0, 1], [0, 0]), line([0, 0], [0, 1])]) {
    assert.deepEqual(agreement, {
      hausdorff95: Infinity,
      averageSurfaceDistance: Infinity,
      surfaceDice: 0,
    });
  }
});

Deno.test("compareSurfaces() is symmetric, and perfect for equal masks", () => {
  const masks = fc.array(fc.tuple(fc.nat(1), fc.nat(1)), { minLength: 24, maxLength: 24 });
  fc.assert(fc.property(masks, fc.integer({ min: 0, max: 3 }), (voxels, tolerance) => {
    const pair = {
      shape: [2, 3, 4] as const,
      spacing: [2, 1, 0.7] as const,
      reference: Uint8Array.from(voxels, ([inside]) => inside),
      prediction: Uint8Array.from(voxels, ([, inside]) => inside),
    };
    const { reference, prediction } = pair;
    const there = compareSurfaces(pair, tolerance);
    const back = compareSurfaces(
      { ...pair, reference: prediction, prediction: reference },
      tolerance,
    );
    assert.equal(back.hausdorff95, there.hausdorff95);
    assert.equal(back.surfaceDice, there.surfaceDice);
    const equal = compareSurfaces({ ...pair, prediction: reference }, tolerance);
    if (reference.includes(1)) {
      assert.deepEqual(equal, { hausdorff95: 0, averageSurfaceDistance: 0, surfaceDice: 1 });
    }
  }));
});

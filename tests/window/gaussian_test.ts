import assert from "node:assert/strict";
import { gaussianWeights } from "../../lib/window/gaussian.ts";
import golden from "../golden/inference.json" with { type: "json" };

Deno.test("gaussianWeights() has the profile computed by hand for an extent of 8", () => {
  const expected = [0.0034, 0.1111, 1.3534, 6.0653, 10, 6.0653, 1.3534, 0.1111];
  // Half precision has 11 bits.
  gaussianWeights([8]).forEach((weight, i) =>
    assert.ok(Math.abs(weight - expected[i]) <= expected[i] / 2 ** 11 + 5e-5, `${weight} at ${i}`)
  );
});

Deno.test("gaussianWeights() peaks at the centre of an extent of 64", () => {
  const weights = gaussianWeights([64]);
  assert.equal(weights[32], 10);
  assert.ok(Math.abs(weights[31] - 9.922) < 0.005);
  assert.ok(Math.abs(weights[0] - 0.0034) < 5e-5);
});

for (const { tile, weights } of golden.gaussian) {
  Deno.test(`gaussianWeights() has nnU-Net's half-precision values for [${tile}]`, () => {
    const found = gaussianWeights(tile);
    assert.equal(found.length, weights.length);
    weights.forEach((expected, i) => {
      // The last bit of half precision, also that of subnormal numbers, may round either way.
      const bit = Math.max(expected * 2 ** -10, 2 ** -24);
      assert.ok(Math.abs(found[i] - expected) <= bit, `${found[i]} instead of ${expected} at ${i}`);
    });
  });
}

Deno.test("gaussianWeights() are positive everywhere", () => {
  // In the corners the product of three profiles is below half precision's smallest number.
  const weights = gaussianWeights([16, 16, 16]);
  assert.ok(weights.every((weight) => weight > 0));
  assert.equal(weights[0], Math.min(...weights));
});

import assert from "node:assert/strict";
import { initialWeights, type Network, parametersOf } from "../../lib/network/network.ts";
import { createGenerator } from "../../lib/random/generator.ts";

Deno.test("initialWeights() follows He's normal distribution over the fan-in", () => {
  const slope = 0.01;
  const specs = [
    { name: "weight", shape: [40, 8, 3, 3, 3], initialization: { heNormal: { slope } } },
    { name: "scale", shape: [3], initialization: 1 },
    { name: "bias", shape: [2], initialization: 0 },
  ];
  const weights = initialWeights(specs, createGenerator(1));
  assert.deepEqual(Array.from(weights.subarray(-5)), [1, 1, 1, 0, 0]);
  const drawn = weights.subarray(0, -5);
  const mean = drawn.reduce((sum, w) => sum + w, 0) / drawn.length;
  const deviation = Math.sqrt(drawn.reduce((sum, w) => sum + (w - mean) ** 2, 0) / drawn.length);
  // Gain √(2 / (1 + slope²)), fan-in 8 · 27; 8640 draws estimate the deviation to 0.8 %.
  const expected = Math.sqrt(2 / (1 + slope ** 2) / 216);
  assert.ok(Math.abs(mean) < 0.05 * expected);
  assert.ok(Math.abs(deviation / expected - 1) < 0.03);
  const beyondTwo = drawn.filter((w) => Math.abs(w) > 2 * expected).length / drawn.length;
  assert.ok(Math.abs(beyondTwo - 0.0455) < 0.01, `${beyondTwo} of a normal one lie beyond 2 σ`);
});

Deno.test("initialWeights() depends only on the generator's seed", () => {
  const specs = [{ name: "w", shape: [2, 9], initialization: { heNormal: { slope: 0 } } }];
  const [a, b, c] = [3, 3, 4].map((seed) => initialWeights(specs, createGenerator(seed)));
  assert.deepEqual(a, b);
  assert.notDeepEqual(a, c);
});

Deno.test("parametersOf() rejects a network that requests a name twice", () => {
  const network: Network = (image, parameter) => {
    parameter("w", [1], 0);
    return [parameter("w", [1], 0), image];
  };
  assert.throws(() => parametersOf(network, [1, 1, 4, 4]), {
    name: "RangeError",
    message: 'Cannot build the network: parameter "w" is requested twice, expected unique names',
  });
});

Deno.test("parametersOf() rejects parameters without a valid initialization", () => {
  for (const initialization of [undefined, { heNormal: 0.01 }, NaN]) {
    const network: Network = (image, parameter) => [
      parameter("bias", image.shape, initialization as never),
    ];
    assert.throws(
      () => parametersOf(network, [1, 1, 4, 4]),
      /^TypeError: .* initialization of parameter "bias" is .*, expected a number, \{ heNormal/,
    );
  }
});

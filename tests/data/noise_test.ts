import assert from "node:assert/strict";
import fc from "fast-check";
import { createGradientNoise, tabulateFields } from "../../data/noise.ts";
import { createGenerator } from "../../lib/random/generator.ts";

const noise = createGradientNoise(createGenerator(1));

function at(x: number, y: number, z: number): Float64Array {
  const out = new Float64Array(4);
  noise(x, y, z, out);
  return out;
}

const place = fc.tuple(...[0, 1, 2].map(() => fc.double({ min: -20, max: 20, noNaN: true })));

Deno.test("createGradientNoise() vanishes at lattice points and stays within one", () => {
  assert.equal(Math.abs(at(3, -2, 5)[0]), 0);
  fc.assert(fc.property(place, ([x, y, z]) => Math.abs(at(x, y, z)[0]) <= 1));
});

Deno.test("createGradientNoise() returns slopes that agree with finite differences", () => {
  const h = 1e-5;
  fc.assert(fc.property(place, ([x, y, z]) => {
    const slope = at(x, y, z).subarray(1);
    const differences = [
      at(x + h, y, z)[0] - at(x - h, y, z)[0],
      at(x, y + h, z)[0] - at(x, y - h, z)[0],
      at(x, y, z + h)[0] - at(x, y, z - h)[0],
    ];
    return differences.every((difference, axis) =>
      Math.abs(difference / (2 * h) - slope[axis]) < 1e-6
    );
  }));
});

Deno.test("tabulateFields() follows the tabulated noise, one field per channel", () => {
  const fields = tabulateFields(noise, [20, 20], { halfWidth: 30, step: 1 });
  const out = new Float64Array(2);
  fields(4.5, -7.25, 11, out);
  const direct = [37.3, 2 * 37.3].map((apart) =>
    at(4.5 / 20 + apart, -7.25 / 20 + apart, 11 / 20)[0]
  );
  out.forEach((value, channel) => assert.ok(Math.abs(value - direct[channel]) < 0.01));
  assert.notEqual(out[0], out[1]);
});

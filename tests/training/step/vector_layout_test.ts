import assert from "node:assert/strict";
import fc from "fast-check";
import { sizeOf } from "../../../lib/array/nd_array.ts";
import { broughtTogether, laidOut, layoutOf } from "../../../lib/training/step/vector_layout.ts";

const shapes = fc.array(fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 }), {
  minLength: 1,
  maxLength: 6,
});

Deno.test("laidOut() starts every parameter at a row, and broughtTogether() inverts it", () => {
  fc.assert(fc.property(
    shapes,
    fc.integer({ min: 1, max: 16 }),
    fc.integer({ min: 1, max: 3 }),
    fc.integer({ min: 0, max: 3 }),
    (shapes, row, repeats, behind) => {
      const parameters = shapes.map((shape, i) => ({ name: `${i}`, shape, initialization: 0 }));
      const count = shapes.reduce((sum, shape) => sum + sizeOf(shape), 0);
      // The remainder after the vectors must be shorter than a vector.
      const length = repeats * count + Math.min(behind, count - 1);
      const vectors = Float32Array.from({ length }, (_, i) => i + 1);
      const layout = layoutOf(parameters, row);
      const out = laidOut(vectors, layout);
      assert.deepEqual(broughtTogether(out, layout), vectors);
      let [from, to] = [0, 0];
      layout.parameters.forEach(({ shape }, i) => {
        assert.equal(to % row, 0);
        assert.equal(out[to], vectors[from]);
        from += sizeOf(shape);
        to += layout.extents[i];
      });
      assert.equal(out.filter((value) => value !== 0).length, vectors.length);
    },
  ));
});

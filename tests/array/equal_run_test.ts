import assert from "node:assert/strict";
import fc from "fast-check";
import { equalRunIn } from "../../lib/array/equal_run.ts";

/** Makes long runs of few values, so that runs of every length and alignment occur. */
const stretches = fc.array(
  fc.tuple(fc.integer({ min: -2, max: 2 }), fc.integer({ min: 1, max: 12 })),
  {
    minLength: 1,
    maxLength: 8,
  },
).map((runs) => runs.flatMap(([value, length]) => new Array<number>(length).fill(value)));

for (const Type of [Int8Array, Int16Array]) {
  Deno.test(`equalRunIn() finds the end of a run of ${Type.name} at any alignment`, () => {
    fc.assert(
      fc.property(stretches, fc.nat(3), fc.nat(), fc.nat(), (values, offset, a, b) => {
        const memory = new Type(offset + values.length);
        memory.set(values, offset);
        const begin = a % values.length;
        const end = begin + 1 + b % (values.length - begin);
        let expected = begin;
        while (expected < end && values[expected] === values[begin]) expected++;
        assert.equal(equalRunIn(memory.subarray(offset))(begin, end), expected);
      }),
    );
  });
}

import assert from "node:assert/strict";
import fc from "fast-check";
import { Parser } from "pickleparser";
import { readPickle } from "../../lib/interop/pickle_reader.ts";
import { writePickle } from "../../lib/interop/pickle_writer.ts";
import { OrderedDict, type PythonValue, Tuple } from "../../lib/interop/python_values.ts";

const globals = [{ name: "collections.OrderedDict", call: () => new OrderedDict() }];

const { value: plainData } = fc.letrec<{ value: PythonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double(),
    fc.bigInt({ min: 2n ** 53n, max: 2n ** 200n }),
    fc.bigInt({ min: -(2n ** 200n), max: -(2n ** 53n) }),
    fc.string({ unit: "binary" }),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.array(tie("value"), { maxLength: 4 }).map((items) => Tuple.from(items)),
    fc.array(fc.tuple(fc.string(), tie("value")), { maxLength: 4 }).map((items) => new Map(items)),
    fc.array(fc.tuple(fc.integer(), tie("value")), { maxLength: 4 })
      .map((items) => new OrderedDict(items)),
  ),
}));

Deno.test("readPickle() returns what writePickle() wrote, including types", () => {
  fc.assert(
    fc.property(plainData, (value) => {
      assert.deepEqual(readPickle(writePickle(value), { globals }), value);
    }),
    { numRuns: 500 },
  );
});

Deno.test("writePickle() writes what an independent reader reads", () => {
  const value = { a: [1, -1, 300, 70000, 0.5, null, true, "ä"] };
  assert.deepEqual(new Parser().parse(writePickle(value)), value);
});

Deno.test("writePickle() reports the position of unsupported values", () => {
  const withFunction = { log: [1, () => 2] } as unknown as PythonValue;
  assert.throws(() => writePickle(withFunction), /value\["log"\]\[1\] is function/);
  const withDate = [new Date(0)] as unknown as PythonValue;
  assert.throws(() => writePickle(withDate), /value\[0\] is a Date/);
  assert.throws(() => writePickle("\ud800"), /half of a surrogate pair/);
});

Deno.test("writePickle() rejects values that contain themselves, and writes shared ones twice", () => {
  const loop: PythonValue[] = [];
  loop.push(loop);
  assert.throws(() => writePickle(loop), /value\[0\] contains itself/);
  const shared = [1];
  assert.deepEqual(readPickle(writePickle([shared, shared]), { globals }), [[1], [1]]);
});

import assert from "node:assert/strict";
import fc from "fast-check";
import golden from "../golden/checkpoint.json" with { type: "json" };
import { numpyGlobals } from "../../lib/interop/numpy_pickle.ts";
import { readPickle } from "../../lib/interop/pickle_reader.ts";
import { Tuple } from "../../lib/interop/python_values.ts";

const ascii = (text: string) => new TextEncoder().encode(text);
const read = (pickle: string | Uint8Array<ArrayBuffer>) =>
  readPickle(typeof pickle === "string" ? ascii(pickle) : pickle, { globals: numpyGlobals });

Deno.test("readPickle() reads protocol 4 with a NumPy array", () => {
  assert.deepEqual(
    read(Uint8Array.fromHex(golden.protocol4)),
    new Map<string, unknown>([
      ["spacing", Tuple.of(1.5, 2)],
      ["array", { shape: [3], data: Int32Array.of(0, 1, 2), dtype: "int32" }],
      ["bytes", Uint8Array.of(0, 255)],
    ]),
  );
});

Deno.test("readPickle() names unknown functions without calling them", () => {
  // os.system("true")
  assert.throws(
    () => read("cos\nsystem\n(X\x04\x00\x00\x00truetR."),
    /^TypeError: Cannot read pickle: it contains os\.system/,
  );
  assert.throws(() => read("c__builtin__\neval\n."), /contains builtins\.eval/);
});

Deno.test("readPickle() calls only globals that can be called", () => {
  assert.throws(() => read("cnumpy\nndarray\n)R."), /it calls numpy\.ndarray/);
  assert.throws(() => read("})R."), /it calls something other than a function/);
  assert.throws(() => read("X\x01\x00\x00\x00a)R."), /it calls something other than a function/);
});

Deno.test("readPickle() does not set the state of plain data or of globals", () => {
  assert.throws(() => read("}}b."), /sets the state of plain data/);
  assert.throws(() => read("cnumpy\ndtype\n}b."), /sets the state of plain data/);
});

Deno.test("readPickle() preserves shared lists", () => {
  const [first, second] = read("](]q\x00h\x00e.") as unknown[];
  assert.equal(first, second);
});

Deno.test("readPickle() reads integers of every width", () => {
  const long = (...bytes: number[]) => read(Uint8Array.of(0x8a, bytes.length, ...bytes, 0x2e));
  assert.equal(long(), 0);
  assert.equal(long(0xff), -1);
  assert.equal(long(0, 0, 0, 0, 0, 0, 0x20), 2n ** 53n);
  assert.equal(long(0, 0, 0, 0, 0, 0, 0, 0, 0xff), -(2n ** 64n));
  assert.equal(read(Uint8Array.of(0x4a, 0xfe, 0xff, 0xff, 0xff, 0x2e)), -2);
});

Deno.test("readPickle() rejects lengths beyond the end", () => {
  const claim = Uint8Array.of(0x58, 0xff, 0xff, 0xff, 0xff, 0x61);
  assert.throws(() => read(claim), /ends at byte 6, expected 4294967295 bytes from byte 5/);
});

Deno.test("readPickle() returns a value or throws a clear error for any bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      try {
        read(Uint8Array.from(bytes));
      } catch (error) {
        assert.match(String(error), /^(SyntaxError|TypeError): Cannot read /);
      }
    }),
    { numRuns: 2000 },
  );
});

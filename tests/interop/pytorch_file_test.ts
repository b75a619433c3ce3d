import assert from "node:assert/strict";
import fc from "fast-check";
import golden from "../golden/checkpoint.json" with { type: "json" };
import { readPyTorchFile, writePyTorchFile } from "../../lib/interop/pytorch_file.ts";
import { OrderedDict, type PythonValue, Tuple } from "../../lib/interop/python_values.ts";
import { readStoredZip, writeStoredZip } from "../../lib/interop/stored_zip.ts";
import type { Tensor } from "../../lib/interop/tensor.ts";

const goldenFile = await Deno.readFile(new URL("../golden/pytorch_values.pth", import.meta.url));
const values = () => readPyTorchFile(goldenFile) as Map<string, PythonValue>;
const describe = ({ shape, dtype, data }: Tensor) => ({
  shape,
  dtype,
  elements: Array.from<number | bigint, number>(data, Number),
});

/** Returns a PyTorch file with its pickle replaced. */
function withPickle(
  file: Uint8Array<ArrayBuffer>,
  edit: (pickle: Uint8Array<ArrayBuffer>) => void,
) {
  return writeStoredZip(Array.from(readStoredZip(file), ([name, content]) => {
    if (!name.endsWith("/data.pkl")) return { name, content };
    const pickle = content.slice();
    edit(pickle);
    return { name, content: pickle };
  }));
}

Deno.test("readPyTorchFile() reads PyTorch's dtypes and strides", () => {
  const tensors = values().get("tensors") as Map<string, Tensor>;
  assert.ok(values().get("tensors") instanceof OrderedDict);
  assert.deepEqual(
    Object.fromEntries(Array.from(tensors, ([name, tensor]) => [name, describe(tensor)])),
    golden.tensors,
  );
});

Deno.test("readPyTorchFile() reads NumPy arrays and scalars", () => {
  const arrays = values().get("arrays") as Map<string, Tensor>;
  assert.deepEqual(
    Object.fromEntries(Array.from(arrays, ([name, array]) => [name, describe(array)])),
    golden.arrays,
  );
  assert.deepEqual(values().get("numpyScalars"), [Math.fround(0.1), 0.1, -3, true]);
});

Deno.test("readPyTorchFile() reads Python's other plain types", () => {
  const integers = [0, -1, 255, 256, 65536, -(2 ** 31), 2 ** 31, 2 ** 53 - 1];
  assert.deepEqual(values().get("integers"), [...integers, -(2n ** 60n), 2n ** 70n]);
  assert.deepEqual(values().get("defaultdict"), new Map([["a", [1]]]));
  assert.equal(values().get("device"), "cuda:0");
  assert.deepEqual(values().get("size"), Tuple.of(2, 3));
  assert.deepEqual(
    values().get("tuple"),
    Tuple.of(Tuple.of(), Tuple.of(1), Tuple.of(1, 2, 3, 4)),
  );
  assert.equal(values().get("text"), "äé😀\n");
});

Deno.test("readPyTorchFile() does not copy contiguous tensors", () => {
  const tensors = values().get("tensors") as Map<string, Tensor>;
  assert.equal(tensors.get("contiguous")!.data.buffer, goldenFile.buffer);
  assert.equal(tensors.get("slice")!.data.buffer, goldenFile.buffer);
});

const elements = { minLength: 6, maxLength: 6 };
const tensor: fc.Arbitrary<Tensor> = fc.oneof(
  fc.float32Array(elements).map((data) => ({ data, dtype: "float32" as const })),
  fc.float64Array(elements).map((data) => ({ data, dtype: "float64" as const })),
  fc.int32Array(elements).map((data) => ({ data, dtype: "int32" as const })),
  fc.int16Array(elements).map((data) => ({ data, dtype: "int16" as const })),
  fc.int8Array(elements).map((data) => ({ data, dtype: "int8" as const })),
  fc.bigInt64Array(elements).map((data) => ({ data, dtype: "int64" as const })),
  fc.uint8Array(elements).map((data) => ({ data, dtype: "uint8" as const })),
  fc.uint8Array({ ...elements, max: 1 }).map((data) => ({ data, dtype: "bool" as const })),
).chain((values) => fc.constantFrom([6], [2, 3], [1, 3, 2]).map((shape) => ({ shape, ...values })));

Deno.test("readPyTorchFile() returns the tensors that writePyTorchFile() wrote", () => {
  fc.assert(fc.property(fc.array(tensor, { maxLength: 4 }), (tensors) => {
    assert.deepEqual(readPyTorchFile(writePyTorchFile(tensors)), tensors);
  }));
});

Deno.test("writePyTorchFile() writes shared data once, and it is read as shared", () => {
  const data = Float32Array.of(1, 2, 3, 4);
  const file = writePyTorchFile([{ shape: [4], data }, { shape: [2, 2], data }]);
  const storages = [...readStoredZip(file).keys()].filter((name) => name.includes("/data/"));
  assert.equal(storages.length, 1);
  const [first, second] = readPyTorchFile(file) as unknown as Tensor[];
  assert.equal(first.data, second.data);
  assert.deepEqual(second.shape, [2, 2]);
});

Deno.test("writePyTorchFile() rejects tensors that PyTorch does not support", () => {
  const data = new Float32Array(3);
  assert.throws(() => writePyTorchFile({ shape: [2], data }), /shape \(2\) has 3 elements/);
  assert.throws(
    () => writePyTorchFile({ shape: [1], data: new Uint16Array(1) }),
    /tensors of uint16 are not supported/,
  );
  assert.throws(
    () => writePyTorchFile({ shape: [3], data, dtype: "bool" }),
    /data is a Float32Array, expected that of bool/,
  );
});

/** A file with one float32 tensor, whose pickle has one-byte extents that tests modify. */
const shape = [2, 3];
const small = writePyTorchFile({ shape, data: new Float32Array(6) });
/** Replaces bytes that occur once in the pickle. */
const replaceIn = (from: number[], to: number[]) =>
  withPickle(small, (pickle) => {
    const at = pickle.findIndex((_, start) => from.every((byte, i) => pickle[start + i] === byte));
    assert.ok(at >= 0);
    pickle.set(to, at);
  });
const shapeAndStrides = [0x28, 0x4b, 2, 0x4b, 3, 0x74, 0x28, 0x4b, 3, 0x4b, 1, 0x74];

Deno.test("readPyTorchFile() rejects a tensor beyond its storage", () => {
  const file = replaceIn(shapeAndStrides, [0x28, 0x4b, 3]);
  assert.throws(() => readPyTorchFile(file), /RangeError.*exceeds its storage of 6 elements/);
});

Deno.test("readPyTorchFile() does not allocate tensors expanded by zero strides", () => {
  const claim = [0x28, 0x4d, 0xff, 0xff, 0x4e, 0x74, 0x28, 0x4b, 0, 0x4b, 0, 0x74];
  assert.throws(() => readPyTorchFile(replaceIn(shapeAndStrides, claim)), /lacks its storage/);
  const expanded = [0x28, 0x4b, 255, 0x4b, 255, 0x74, 0x28, 0x4b, 0, 0x4b, 0, 0x74];
  assert.throws(
    () => readPyTorchFile(replaceIn(shapeAndStrides, expanded)),
    /takes more memory than the whole file/,
  );
});

Deno.test("readPyTorchFile() reports files that are not PyTorch's", () => {
  assert.throws(() => readPyTorchFile(new Uint8Array(0)), /Cannot read zip archive/);
  assert.throws(() => readPyTorchFile(writeStoredZip([])), /has no record data\.pkl/);
});

Deno.test("readPyTorchFile() returns a value or throws a clear error for a modified file", () => {
  const change = fc.tuple(fc.nat(goldenFile.length - 1), fc.integer({ min: 1, max: 255 }));
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
      const file = goldenFile.slice();
      for (const [at, difference] of changes) file[at] ^= difference;
      readOrFailClearly(file);
    }),
    { numRuns: 300 },
  );
});

Deno.test("readPyTorchFile() returns a value or throws a clear error for a modified pickle", () => {
  const change = fc.tuple(fc.nat(), fc.nat(255));
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
      readOrFailClearly(withPickle(goldenFile, (pickle) => {
        for (const [at, byte] of changes) pickle[at % pickle.length] = byte;
      }));
    }),
    { numRuns: 1000 },
  );
});

function readOrFailClearly(file: Uint8Array<ArrayBuffer>) {
  try {
    readPyTorchFile(file);
  } catch (error) {
    assert.match(String(error), /^(SyntaxError|TypeError|RangeError): Cannot read /);
  }
}

import assert from "node:assert/strict";
import fc from "fast-check";
import { numpyGlobals } from "../../lib/interop/numpy_pickle.ts";
import { readPickle } from "../../lib/interop/pickle_reader.ts";
import { readPyTorchFile } from "../../lib/interop/pytorch_file.ts";
import { writeStoredZip } from "../../lib/interop/stored_zip.ts";
import {
  MAX_DEPTH,
  MAX_EXPANDED,
  MAX_EXPANSION,
  MIN_EXPANDED,
} from "../../lib/untrusted/limits.ts";

const latin1 = (text: string) => Uint8Array.from(text, (unit) => unit.charCodeAt(0));
const read = (pickle: string) => readPickle(latin1(pickle), { globals: numpyGlobals });
const readTorch = (pickle: string) =>
  readPyTorchFile(writeStoredZip([
    { name: "archive/data.pkl", content: latin1(pickle) },
    { name: "archive/version", content: latin1("3\n") },
  ]));

/** Stores the top of the stack under an index, and recalls it. */
const put = (index: number) => `q${String.fromCharCode(index)}`;
const get = (index: number) => `h${String.fromCharCode(index)}`;
const text = (content: string) => `X${uint32(content.length)}${content}`;
const uint32 = (value: number) =>
  String.fromCharCode(value & 255, value >> 8 & 255, value >> 16 & 255, value >> 24);

/** Containers of two equal objects, by name. */
const pairs: Readonly<Record<string, (one: string) => string>> = {
  list: (one) => `](${one}${one}e`,
  tuple: (one) => `${one}${one}\x86`,
  "values of a dict": (one) => `}(${text("a")}${one}${text("b")}${one}u`,
  "key and value of a dict": (one) => `}${one}${one}s`,
};

for (const [name, pair] of Object.entries(pairs)) {
  Deno.test(`readPickle() refuses objects that double with every level: ${name}`, () => {
    for (const depth of [20, 26, 60, 90]) {
      let pickle = `]${put(0)}`;
      for (let level = 0; level < depth; level++) pickle += pair(get(level)) + put(level + 1);
      assert.throws(() => read(pickle + "."), /^RangeError: Cannot read pickle: .* share others/);
      assert.throws(() => readTorch(pickle + "."), /^RangeError: .* share others/);
    }
  });
}

Deno.test("readPickle() refuses long texts that are shared many times", () => {
  const pickle = `](${text("x".repeat(10_000))}${put(0)}${get(0).repeat(10_000)}e.`;
  assert.throws(() => read(pickle), /^RangeError: .* share others/);
});

Deno.test("readPickle() keeps objects that are shared as nnU-Net's files share them", () => {
  const row = `](${"K\x03".repeat(3)}e${put(0)}`;
  const [first, second] = read(`](${row}${get(0).repeat(50)}e.`) as unknown[];
  assert.equal(first, second);
});

Deno.test("readPickle() refuses objects that contain themselves", () => {
  for (
    const pickle of [
      `]${put(0)}${get(0)}a.`,
      `}${put(0)}${text("a")}${get(0)}s.`,
      `]${put(0)}(]${put(1)}${get(0)}ae.`,
      `]${put(0)}${get(0)}\x85a.`,
    ]
  ) {
    assert.throws(() => read(pickle), /^RangeError: Cannot read pickle: .* contains itself/);
  }
});

Deno.test("readPickle() refuses nesting beyond the limit, also of shared objects", () => {
  const nested = (levels: number) => `]`.repeat(levels) + "a".repeat(levels - 1) + ".";
  assert.doesNotThrow(() => read(nested(MAX_DEPTH)));
  for (const levels of [MAX_DEPTH + 1, 100_000]) {
    assert.throws(() => read(nested(levels)), /^RangeError: .* nested deeper than 100 levels/);
  }
  // The first path to the shared list is short, the second too long.
  const half = "]".repeat(60) + "a".repeat(59);
  const deep = `](${half}${put(0)}${"]".repeat(60)}${get(0)}${"a".repeat(60)}e.`;
  assert.throws(() => read(deep), /^RangeError: .* nested deeper than 100 levels/);
});

Deno.test("readPickle() accepts exactly the graphs whose expansion is within the limit", () => {
  const graph = fc.array(fc.array(fc.nat(), { maxLength: 12 }), { minLength: 1, maxLength: 9 });
  fc.assert(
    fc.property(graph, (nodes) => {
      let pickle = "";
      const sizes: number[] = [];
      for (const [node, links] of nodes.entries()) {
        const targets = node === 0 ? [] : links.map((link) => link % node);
        const filler = node === 0 ? "K\x01".repeat(40) : "";
        pickle += `](${targets.map(get).join("")}${filler}e${put(node)}`;
        sizes.push(1 + filler.length / 2 + targets.reduce((sum, to) => sum + sizes[to], 0));
      }
      pickle += ".";
      const limit = Math.min(MAX_EXPANDED, Math.max(MIN_EXPANDED, MAX_EXPANSION * pickle.length));
      if (sizes.at(-1)! > limit) assert.throws(() => read(pickle), /^RangeError: .* share others/);
      else assert.doesNotThrow(() => read(pickle));
    }),
    { seed: 7, numRuns: 300 },
  );
});

Deno.test("readPickle() refuses arrays that calls copy from shared bytes", () => {
  // _codecs.encode(text, "latin1") makes new bytes of a shared text.
  const encode = `c_codecs\nencode\n${put(1)}0${text("latin1")}${put(2)}0`;
  const call = `${get(1)}${get(0)}${get(2)}\x86R`;
  const repeated = (count: number) =>
    `${text("x".repeat(50_000))}${put(0)}0${encode}](${call.repeat(count)}e.`;
  assert.doesNotThrow(() => read(repeated(2)));
  assert.throws(() => read(repeated(1000)), /^RangeError: .* more than 8 times the file's memory/);
});

Deno.test("readPyTorchFile() refuses names of devices that double", () => {
  let pickle = `${text("a")}${put(0)}`;
  for (let level = 0; level < 60; level++) {
    const name = get(level);
    pickle += `ctorch\ndevice\n${name}${name}\x86R${put(level + 1)}`;
  }
  assert.throws(() => readTorch(pickle + "."), /^SyntaxError: .* a device lacks its name/);
});

Deno.test("readPyTorchFile() refuses dictionaries that a call fills", () => {
  for (const name of ["OrderedDict", "defaultdict"]) {
    const pickle = `ccollections\n${name}\n(cbuiltins\nlist\n]\x86tR.`.replace("\x86t", "t");
    assert.throws(() => readTorch(pickle), /^SyntaxError: .* is not created empty/);
  }
});

import assert from "node:assert/strict";
import { join } from "@std/path";
import fc from "fast-check";
import { sizeOf } from "../../lib/array/nd_array.ts";
import { NpzFile, writeNpz } from "../../lib/interop/npz.ts";
import { runPython, testWithPython } from "../with_python.ts";
import { readNpz } from "./read_npz.ts";
import golden from "../golden/npz.json" with { type: "json" };
import { withTemporaryFolder } from "../temporary_folder.ts";

const [float32, , , integers, bigEndian] = golden.archives;

Deno.test("NpzFile reads NumPy's floats of 16, 32 and 64 bits, compressed or not", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.npz");
    for (const { key, content } of golden.archives.slice(0, 3)) {
      await Deno.writeFile(path, Uint8Array.fromBase64(content));
      const { shape, data } = await readNpz(path, key);
      assert.deepEqual(shape, golden.shape);
      assert.deepEqual([...data], golden.values);
    }
  });
});

Deno.test("NpzFile reports what it found if an array is missing or unsupported", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.npz");
    const good = Uint8Array.fromBase64(float32.content);
    const damaged = good.slice();
    damaged[150] ^= 0xff;
    const bad: [Uint8Array, string, RegExp][] = [
      [good, "softmax", /a\.npz: found probabilities, expected softmax/],
      [Uint8Array.fromBase64(integers.content), "probabilities", /elements are <i4, expected <f2/],
      [Uint8Array.fromBase64(bigEndian.content), "probabilities", /elements are >f4, expected <f2/],
      [good.slice(0, -30), "probabilities", /a\.npz: it is not a zip archive, or is truncated/],
      [damaged, "probabilities", /a\.npz/],
      [new Uint8Array(0), "probabilities", /truncated/],
    ];
    for (const [content, name, message] of bad) {
      await Deno.writeFile(path, content);
      await assert.rejects(readNpz(path, name), message);
    }
    await assert.rejects(
      readNpz(join(folder, "gone.npz"), "a"),
      /Cannot read .*gone\.npz: it does not exist/,
    );
  });
});

Deno.test("writeNpz() writes what NpzFile reads, in pieces of any length", async () => {
  const array = fc.record({
    shape: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
    cuts: fc.array(fc.nat(256), { maxLength: 3 }),
  });
  await withTemporaryFolder(async (folder) => {
    await fc.assert(
      fc.asyncProperty(array, async ({ shape, cuts }) => {
        const data = Float32Array.from({ length: sizeOf(shape) }, (_, i) => i / 7);
        const bounds = [0, ...cuts.map((cut) => Math.min(cut, data.length)), data.length].sort(
          (a, b) => a - b,
        );
        const pieces = bounds.slice(1).map((end, i) => data.subarray(bounds[i], end));
        const path = join(folder, "a.npz");
        await writeNpz(path, { probabilities: { shape, pieces } });
        assert.deepEqual(await readNpz(path, "probabilities"), { shape, data });
      }),
      { numRuns: 20 },
    );
  });
});

Deno.test("writeNpz() leaves no file if the elements do not fill the shape", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.npz");
    await assert.rejects(
      writeNpz(path, { a: { shape: [3], pieces: [new Float32Array(2)] } }),
      /Cannot write .*a\.npz: array "a" has 2 elements, expected 3 for shape \[3\]/,
    );
    assert.deepEqual(await Array.fromAsync(Deno.readDir(folder)), []);
  });
});

Deno.test("NpzFile can be closed while an array is partly read", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.npz");
    const size = 1 << 21;
    const noise = Float32Array.from({ length: size }, (_, i) => Math.sin(i * i));
    await writeNpz(path, { a: { shape: [size], pieces: [noise] } });
    using file = await NpzFile.open(path);
    const reader = await file.array("a");
    const some = new Float32Array(10);
    await reader.read(some);
    assert.deepEqual(some, noise.subarray(0, 10));
    await reader.cancel();
  });
});

testWithPython("writeNpz() writes what NumPy loads", async (folder) => {
  const path = join(folder, "a.npz");
  const data = Float32Array.from({ length: 24 }, (_, i) => i / 7);
  await writeNpz(path, { probabilities: { shape: [2, 1, 3, 4], pieces: [data] } });
  const script = "import sys, numpy; a = numpy.load(sys.argv[1])['probabilities'];" +
    "print(a.shape, a.dtype, a.ravel().tobytes().hex())";
  assert.equal(
    await runPython("-c", script, path),
    `(2, 1, 3, 4) float32 ${new Uint8Array(data.buffer).toHex()}`,
  );
});

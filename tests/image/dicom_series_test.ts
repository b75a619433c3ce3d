import assert from "node:assert/strict";
import { dirname, join } from "@std/path";
import fc from "fast-check";
import { isDicomSeries, readDicomSeries } from "../../lib/image/dicom_series.ts";
import golden from "../golden/images.json" with { type: "json" };

/** Slices a, b, c of one series, at 30, 32.5 and 35 mm. */
const slices = golden.cases.find(({ name }) => name === "DICOM upright")!.files
  .map(({ file }) => Uint8Array.fromBase64(file));

Deno.test("readDicomSeries() passes over other files", () =>
  inSeries(slices, async (folder) => {
    await Deno.writeTextFile(join(folder, "readme.txt"), "No slice. ".repeat(40));
    await Deno.writeTextFile(join(folder, ".hidden.dcm"), "");
    await Deno.mkdir(join(folder, "more.dcm"));
    assert.deepEqual((await readDicomSeries(folder)).geometry.shape, [3, 3, 4]);
  }));

Deno.test("readDicomSeries() takes the step from a single slice's thickness", () =>
  inSeries(slices.slice(0, 1), async (folder) => {
    const { geometry } = await readDicomSeries(folder);
    assert.deepEqual(geometry.shape, [1, 3, 4]);
    assert.deepEqual(geometry.spacing, [2, 2, 1.5]);
  }));

Deno.test("readDicomSeries() refuses gaps, doubles and other series", async () => {
  const distant = replaceText(slices[2], "35.0", "95.0");
  await inSeries(
    [slices[0], slices[1], distant],
    (folder) =>
      assert.rejects(readDicomSeries(folder), /lie .* mm apart, expected .* mm as between all/),
  );
  await inSeries(
    [slices[0], slices[0]],
    (folder) => assert.rejects(readDicomSeries(folder), /lie 0 mm apart, expected 0 mm/),
  );
  const other = replaceText(slices[1], "1.2.3.4\0", "1.2.3.5\0");
  await inSeries([slices[0], other], (folder) =>
    assert.rejects(
      readDicomSeries(folder),
      /found the series 1\.2\.3\.4 \(.*0\.dcm\) and 1\.2\.3\.5 \(.*1\.dcm\), expected one$/,
    ));
});

Deno.test("readDicomSeries() names a transfer syntax that packs pixels", () =>
  inSeries(
    [replaceText(slices[0], "1.2.840.10008.1.2.1\0", "1.2.840.10008.1.2.5\0")],
    (folder) =>
      assert.rejects(
        readDicomSeries(folder),
        /0\.dcm: transfer syntax is 1\.2\.840\.10008\.1\.2\.5, expected one that does not pack/,
      ),
  ));

Deno.test("readDicomSeries() refuses a folder without slices", () =>
  inSeries([], (folder) =>
    assert.rejects(readDicomSeries(folder), {
      message: `Cannot read ${folder}: found no DICOM files, expected some`,
    })));

Deno.test("readDicomSeries() refuses a slice cut short anywhere", () =>
  inSeries(slices, (folder) =>
    fc.assert(
      fc.asyncProperty(fc.nat(slices[0].length - 1), async (length) => {
        await Deno.writeFile(join(folder, "0.dcm"), slices[0].subarray(0, length));
        await assert.rejects(readDicomSeries(folder), isReadableError);
      }),
      { numRuns: 100 },
    )));

Deno.test("readDicomSeries() reads a damaged slice or says what is wrong, never more", () =>
  inSeries(slices, (folder) =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(slices[0].length - 1), fc.nat(255)), {
          minLength: 1,
          maxLength: 20,
        }),
        async (changes) => {
          const bytes = slices[0].slice();
          for (const [position, value] of changes) bytes[position] = value;
          await Deno.writeFile(join(folder, "0.dcm"), bytes);
          await readDicomSeries(folder).catch((error) => assert.ok(isReadableError(error), error));
        },
      ),
      { numRuns: 300 },
    )));

Deno.test("isDicomSeries() holds for folders that begin with DICOM", () =>
  inSeries(slices, async (folder) => {
    assert.equal(await isDicomSeries(folder), true);
    assert.equal(await isDicomSeries(join(folder, "0.dcm")), false);
    assert.equal(await isDicomSeries(join(folder, "nowhere")), false);
    assert.equal(await isDicomSeries(dirname(new URL(import.meta.url).pathname)), false);
  }));

async function inSeries(
  files: readonly Uint8Array[],
  run: (folder: string) => Promise<unknown>,
) {
  const folder = await Deno.makeTempDir();
  try {
    for (const [i, file] of files.entries()) {
      await Deno.writeFile(join(folder, `${i}.dcm`), file);
    }
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The file with a text in it replaced, wherever it stands, by one of the same length. */
function replaceText(file: Uint8Array, from: string, to: string): Uint8Array<ArrayBuffer> {
  const latin1 = new TextDecoder("latin1").decode(file);
  assert.ok(latin1.includes(from), `found no ${from}`);
  assert.equal(from.length, to.length);
  // In "latin1" as browsers have it, some bytes are other characters: only the text is put in.
  const bytes = file.slice();
  for (let at = latin1.indexOf(from); at >= 0; at = latin1.indexOf(from, at + 1)) {
    bytes.set(new TextEncoder().encode(to), at);
  }
  return new Uint8Array(bytes);
}

function isReadableError(error: unknown): boolean {
  return error instanceof Error && /^Cannot read .*: .*expected/s.test(error.message);
}

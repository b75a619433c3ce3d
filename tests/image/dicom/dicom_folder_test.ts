import assert from "node:assert/strict";
import { dirname, join } from "@std/path";
import fc from "fast-check";
import { isDicomSeries, readDicomSeries } from "../../../lib/image/dicom/dicom_folder.ts";
import golden from "../../golden/images.json" with { type: "json" };

/** Three slices of one series, at 30, 32.5 and 35 mm. */
const slices = golden.cases.find(({ name }) => name === "DICOM upright")!.files
  .map(({ file }) => Uint8Array.fromBase64(file));

Deno.test("readDicomSeries() ignores other files", () =>
  inSeries(slices, async (folder) => {
    await Deno.writeTextFile(join(folder, "readme.txt"), "No slice. ".repeat(40));
    await Deno.writeTextFile(join(folder, ".hidden.dcm"), "");
    await Deno.mkdir(join(folder, "more.dcm"));
    assert.deepEqual((await readDicomSeries(folder)).geometry.shape, [3, 3, 4]);
  }));

Deno.test("readDicomSeries() uses a single slice's thickness as spacing", () =>
  inSeries(slices.slice(0, 1), async (folder) => {
    const { geometry } = await readDicomSeries(folder);
    assert.deepEqual(geometry.shape, [1, 3, 4]);
    assert.deepEqual(geometry.spacing, [2, 2, 1.5]);
  }));

Deno.test("readDicomSeries() rejects gaps, duplicates and slices of another series", async () => {
  const distant = replaceText(slices[2], "35.0", "95.0");
  await inSeries(
    [slices[0], slices[1], distant],
    (folder) =>
      assert.rejects(readDicomSeries(folder), /are .* mm apart, expected .* mm as between all/),
  );
  await inSeries(
    [slices[0], slices[0]],
    (folder) => assert.rejects(readDicomSeries(folder), /are 0 mm apart, expected 0 mm/),
  );
  const other = replaceText(slices[1], "1.2.3.4\0", "1.2.3.5\0");
  await inSeries([slices[0], other], (folder) =>
    assert.rejects(
      readDicomSeries(folder),
      /found the series 1\.2\.3\.4 \(.*0\.dcm\) and 1\.2\.3\.5 \(.*1\.dcm\), expected one$/,
    ));
});

Deno.test("readDicomSeries() names a transfer syntax with compressed pixels", () =>
  inSeries(
    [replaceText(slices[0], "1.2.840.10008.1.2.1\0", "1.2.840.10008.1.2.5\0")],
    (folder) =>
      assert.rejects(
        readDicomSeries(folder),
        /0\.dcm: transfer syntax is 1\.2\.840\.10008\.1\.2\.5, expected one without compr/,
      ),
  ));

Deno.test("readDicomSeries() rejects a folder without slices", () =>
  inSeries([], (folder) =>
    assert.rejects(readDicomSeries(folder), {
      message: `Cannot read ${folder}: found no DICOM files, expected at least one`,
    })));

Deno.test("readDicomSeries() rejects a slice truncated anywhere", () =>
  inSeries(slices, (folder) =>
    fc.assert(
      fc.asyncProperty(fc.nat(slices[0].length - 1), async (length) => {
        await Deno.writeFile(join(folder, "0.dcm"), slices[0].subarray(0, length));
        await assert.rejects(readDicomSeries(folder), isReadableError);
      }),
      { numRuns: 100 },
    )));

Deno.test("readDicomSeries() reads a damaged slice or throws a clear error", () =>
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

Deno.test("isDicomSeries() is true for folders whose first file is DICOM", () =>
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

/** The file with all occurrences of a text replaced by one of the same length. */
function replaceText(file: Uint8Array, from: string, to: string): Uint8Array<ArrayBuffer> {
  const latin1 = new TextDecoder("latin1").decode(file);
  assert.ok(latin1.includes(from), `found no ${from}`);
  assert.equal(from.length, to.length);
  // The browsers' "latin1" maps some bytes to other characters, so only the text is re-encoded.
  const bytes = file.slice();
  for (let at = latin1.indexOf(from); at >= 0; at = latin1.indexOf(from, at + 1)) {
    bytes.set(new TextEncoder().encode(to), at);
  }
  return new Uint8Array(bytes);
}

function isReadableError(error: unknown): boolean {
  return error instanceof Error && /^Cannot read .*: .*expected/s.test(error.message);
}

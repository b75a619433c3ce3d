import assert from "node:assert/strict";
import { dirname, join } from "@std/path";
import fc from "fast-check";
import {
  findSlices,
  isDicomSeries,
  readDicomSeries,
} from "../../../lib/image/dicom/dicom_folder.ts";
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
      /found 2 series, CT, 1\.2\.3\.4 \(1 slice, such as .*0\.dcm\), CT, 1\.2\.3\.5 \(.*1\.dcm\); expected one; choose/,
    ));
});

Deno.test("readDicomSeries() takes a series by its identifier, number or description", () => {
  const elements: Readonly<Record<string, [string, string]>> = {
    "1.2.3.4\0": ["7", "Thorax"],
    "1.2.3.5\0": ["8", "Abdomen"],
    "1.2.3.6\0": ["8", "thorax"],
  };
  const files = Object.entries(elements).flatMap(([uid, [number, description]]) =>
    slices.map((file) => withSeries(replaceText(file, "1.2.3.4\0", uid), number, description))
  );
  return inSeries(files, async (folder) => {
    for (const series of ["1.2.3.5", "7", 7, "ABDOMEN", " abdomen "]) {
      const { geometry } = await readDicomSeries(folder, { series });
      assert.deepEqual(geometry.shape, [3, 3, 4], `${series}`);
    }
    await assert.rejects(
      readDicomSeries(folder),
      /found 3 series, number 7, CT Thorax, 1\.2\.3\.4 \(3 slices, such as .*0\.dcm\), number 8, /,
    );
    for (const series of ["8", "Thorax"]) {
      await assert.rejects(
        readDicomSeries(folder, { series }),
        new RegExp(`expected \`series\`, ${series}, to be one of them only: use the identifier`),
      );
    }
    await assert.rejects(
      readDicomSeries(folder, { series: "9" }),
      /expected one whose number, description or identifier is `series`, 9$/,
    );
  });
});

Deno.test("readDicomSeries() names a transfer syntax that it does not know", () =>
  inSeries(
    [replaceText(slices[0], "1.2.840.10008.1.2.1\0", "1.2.840.10008.1.2.7\0")],
    (folder) =>
      assert.rejects(
        readDicomSeries(folder),
        /0\.dcm: transfer syntax is 1\.2\.840\.10008\.1\.2\.7, expected plain pixels, RLE, JPEG/,
      ),
  ));

Deno.test("readDicomSeries() rejects a folder without slices and says what it has", () =>
  inSeries([], async (folder) => {
    await assert.rejects(readDicomSeries(folder), {
      message: `Cannot read ${folder}: found an empty folder, expected DICOM slices`,
    });
    await Deno.writeTextFile(join(folder, "LICENSE.txt"), "");
    await Deno.writeTextFile(join(folder, ".DS_Store"), "");
    await assert.rejects(readDicomSeries(folder), {
      message: `Cannot read ${folder}: found .DS_Store: hidden; LICENSE.txt: not a DICOM file, ` +
        "expected DICOM slices",
    });
  }));

Deno.test("findSlices() takes slices of any name, and no documents", () =>
  inSeries(slices.slice(0, 1), async (folder) => {
    const as = (uid: string) => withSopClass(slices[0], uid);
    const documents = {
      DICOMDIR: ["1.2.840.10008.1.3.10", "a DICOM directory"],
      "SR.dcm": ["1.2.840.10008.5.1.4.1.1.88.11", "a DICOM report"],
      state: ["1.2.840.10008.5.1.4.1.1.11.1", "a DICOM presentation state"],
      structures: ["1.2.840.10008.5.1.4.1.1.481.3", "a DICOM structure set"],
      segments: ["1.2.840.10008.5.1.4.1.1.66.4", "a DICOM segmentation"],
      registration: ["1.2.840.10008.5.1.4.1.1.66.1", "DICOM raw or registration data"],
    };
    for (const [name, [uid]] of Object.entries(documents)) {
      await Deno.writeFile(join(folder, name), as(uid));
    }
    await Deno.writeFile(join(folder, "00_first"), slices[0]);
    await Deno.writeTextFile(join(folder, "00_LICENSE"), "");
    await Deno.writeTextFile(join(folder, "broken.dcm"), "");
    const found = await findSlices(folder);
    assert.deepEqual(
      found.slices,
      ["0.dcm", "00_first", "broken.dcm"].map((name) => join(folder, name)),
    );
    assert.deepEqual(
      Object.fromEntries(found.ignored.map(({ path, reason }) => [path, reason])),
      {
        "00_LICENSE": "not a DICOM file",
        ...Object.fromEntries(Object.entries(documents).map(([name, [, kind]]) => [name, kind])),
      },
    );
  }));

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

Deno.test("isDicomSeries() is true for folders with a slice among other files", () =>
  inSeries(slices, async (folder) => {
    await Deno.writeTextFile(join(folder, "0"), "Licence of the collection");
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

/** The file with a number and a description of its series, inserted in the order of tags. */
function withSeries(file: Uint8Array, number: string, description: string) {
  const element = (group: number, tag: number, vr: string, text: string) => {
    const even = text.length % 2 ? text + " " : text;
    const bytes = new TextEncoder().encode(`....${vr}..${even}`);
    const view = new DataView(bytes.buffer);
    view.setUint16(0, group, true);
    view.setUint16(2, tag, true);
    view.setUint16(6, even.length, true);
    return bytes;
  };
  // Before (0018,0050) and (0020,0032), which the slices have.
  const insert = (whole: Uint8Array, before: number[], added: Uint8Array) => {
    const at = whole.findIndex((_, i) => before.every((byte, k) => whole[i + k] === byte));
    assert.ok(at > 132, "found no place");
    return Uint8Array.from([...whole.subarray(0, at), ...added, ...whole.subarray(at)]);
  };
  const numbered = insert(
    file,
    [0x20, 0x00, 0x32, 0x00, 0x44, 0x53],
    element(0x20, 0x11, "IS", number),
  );
  return insert(
    numbered,
    [0x18, 0x00, 0x50, 0x00, 0x44, 0x53],
    element(0x08, 0x103e, "LO", description),
  );
}

/** The file with another SOP class in its file header, whose length is adapted. */
function withSopClass(file: Uint8Array, uid: string): Uint8Array<ArrayBuffer> {
  const value = new TextEncoder().encode(uid.length % 2 ? uid + "\0" : uid);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const end = 144 + view.getUint32(140, true); // Of the file header, after its own length.
  let position = 144;
  while (view.getUint32(position, true) !== 0x00020002) {
    const long = ["OB", "UN"].includes(
      String.fromCharCode(...file.subarray(position + 4, position + 6)),
    );
    position += long
      ? 12 + view.getUint32(position + 8, true)
      : 8 + view.getUint16(position + 6, true);
    assert.ok(position < end, "found no SOP class");
  }
  const after = position + 8 + view.getUint16(position + 6, true);
  const result = new Uint8Array(position + 8 + value.length + file.length - after);
  result.set(file.subarray(0, position + 8));
  result.set(value, position + 8);
  result.set(file.subarray(after), position + 8 + value.length);
  const changed = new DataView(result.buffer);
  changed.setUint16(position + 6, value.length, true);
  changed.setUint32(140, end - 144 + position + 8 + value.length - after, true);
  return result;
}

function isReadableError(error: unknown): boolean {
  return error instanceof Error && /^Cannot read .*: .*expected/s.test(error.message);
}

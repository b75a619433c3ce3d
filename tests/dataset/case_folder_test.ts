import assert from "node:assert/strict";
import { basename, join } from "@std/path";
import fc from "fast-check";
import { readCaseFolder } from "../../lib/dataset/case_folder.ts";
import golden from "../golden/images.json" with { type: "json" };
import { withTemporaryFolder } from "../temporary_folder.ts";

const slices = golden.cases.find(({ name }) => name === "DICOM upright")!.files
  .map(({ file }) => Uint8Array.fromBase64(file));

Deno.test("readCaseFolder() takes named channels and folders of slices, and says what it ignores", () =>
  withTemporaryFolder(async (folder) => {
    const files = [
      ...["a_0000.nii.gz", "a_0001.nii.gz", "b_0000.nii", "c.nii.gz", "d_0000.NII.GZ"],
      ...["e_0001.nii.gz", "f_000.nii.gz", "g_0000.nii.gz", "g_0002.nii.gz", ".h_0000.nii.gz"],
      ...["dataset.json", "p/LICENSE.txt", "p/.hidden", "notes/readme.txt", "i_0000/0.txt"],
    ];
    await write(folder, files);
    for (const name of ["p", "i_0000"]) await writeSlices(join(folder, name));
    await Deno.mkdir(join(folder, "empty"));
    await Deno.writeFile(join(folder, "loose.dcm"), slices[0]);

    const { cases, ignored } = await readCaseFolder(folder, ".nii.gz");

    assert.deepEqual(
      cases.map(({ name, images }) => [name, ...images.map((one) => basename(one))]),
      [
        ["a", "a_0000.nii.gz", "a_0001.nii.gz"],
        ["i", "i_0000"],
        ["p", "p"],
      ],
    );
    assert.deepEqual(Object.fromEntries(ignored.map(({ path, reason }) => [path, reason])), {
      ".h_0000.nii.gz": "hidden",
      "b_0000.nii": "ends in .nii, expected .nii.gz",
      "c.nii.gz": "has no channel number, expected c_0000.nii.gz",
      "d_0000.NII.GZ": "ends in .NII.GZ, expected .nii.gz",
      "dataset.json": "not an image",
      "e_0001.nii.gz": "found no e_0000.nii.gz",
      "empty": "a folder without DICOM slices (empty)",
      "f_000.nii.gz": "has no channel number, expected f_000_0000.nii.gz",
      "g_0000.nii.gz": "found no g_0001.nii.gz",
      "g_0002.nii.gz": "found no g_0001.nii.gz",
      "i_0000/0.txt": "not a DICOM file",
      "loose.dcm": "a DICOM file, expected a folder of slices for each scan",
      "notes": "a folder without DICOM slices (readme.txt: not a DICOM file)",
      "p/.hidden": "hidden",
      "p/LICENSE.txt": "not a DICOM file",
    });
  }));

Deno.test("readCaseFolder() takes a folder of slices as one case of its name", () =>
  withTemporaryFolder(async (parent) => {
    const folder = join(parent, "patient_0000");
    await writeSlices(folder);
    await write(folder, ["00_LICENSE.txt", "Thumbs.db"]);
    const { cases, ignored } = await readCaseFolder(folder + "/", ".nii.gz");
    assert.deepEqual(cases, [{ name: "patient", images: [folder + "/"] }]);
    assert.deepEqual(ignored.map(({ path }) => path), ["00_LICENSE.txt", "Thumbs.db"]);
  }));

Deno.test("readCaseFolder() rejects a missing folder and a file", () =>
  withTemporaryFolder(async (folder) => {
    const missing = join(folder, "nowhere");
    await assert.rejects(readCaseFolder(missing, ".nii.gz"), {
      message: `Cannot read ${missing}: it does not exist, expected a folder of scans`,
    });
    const file = join(folder, "a.nii.gz");
    await Deno.writeTextFile(file, "");
    await assert.rejects(readCaseFolder(file, ".nii.gz"), /it is a file, expected a folder/);
  }));

Deno.test("readCaseFolder() lists every entry once, as part of a case or as ignored", () => {
  const name = fc.tuple(
    fc.constantFrom("a", "b", ".c", "scan_1"),
    fc.constantFrom("", "_0000", "_0001", "_0002", "_000"),
    fc.constantFrom(".nii.gz", ".nii", ".png", ".txt", ""),
  ).map((parts) => parts.join(""));
  const names = fc.uniqueArray(name, { maxLength: 12 });
  return fc.assert(
    fc.asyncProperty(names, (names) =>
      withTemporaryFolder(async (folder) => {
        await write(folder, names);
        const { cases, ignored } = await readCaseFolder(folder, ".nii.gz");
        const taken = cases.flatMap(({ images }) => images.map((path) => basename(path)));
        assert.deepEqual([...taken, ...ignored.map(({ path }) => path)].sort(), names.sort());
        for (const { name, images } of cases) {
          assert.deepEqual(
            images.map((path) => basename(path)),
            images.map((_, channel) => `${name}_000${channel}.nii.gz`),
          );
        }
      })),
    { numRuns: 60 },
  );
});

async function writeSlices(folder: string) {
  await Deno.mkdir(folder, { recursive: true });
  for (const [i, slice] of slices.entries()) await Deno.writeFile(join(folder, `IM${i}`), slice);
}

async function write(folder: string, names: readonly string[]) {
  for (const name of names) {
    await Deno.mkdir(join(folder, name, ".."), { recursive: true });
    await Deno.writeTextFile(join(folder, name), "");
  }
}

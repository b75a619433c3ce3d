import assert from "node:assert/strict";
import { findScans } from "../../../lib/browser/model_page/find_scans.ts";
import type { PageFile } from "../../../lib/browser/model_page/page_files.ts";
import {
  type Answers,
  countChannels,
  describeGrid,
  readCase,
} from "../../../lib/browser/model_page/read_case.ts";
import type { Geometry, Image } from "../../../lib/image/image.ts";
import { missingAxisSpacing } from "../../../lib/image/geometry.ts";
import { countingImage, plainGeometry } from "../../image/sample_images.ts";
import {
  facts,
  imageFiles,
  otherSeries,
  pageFile,
  sliceFiles,
  twoChannels,
} from "./sample_files.ts";

const image = countingImage([2, 3, 4]);

/** Reads the scans among files as one case. */
async function read(
  files: readonly PageFile[],
  { model = facts, answers = {} as Partial<Answers>, onGrid = (_: Geometry) => Promise.resolve() } =
    {},
) {
  const { scans } = await findScans(files);
  return await readCase("case", scans, {
    facts: model,
    answers: { series: new Map(), ...answers },
    signal: new AbortController().signal,
    onGrid,
    onWarning: () => {},
  });
}

for (const name of ["a.nii.gz", "a.nii", "a.nrrd", "a.mha", "a.mhd", "a.nhdr", "a.hdr"]) {
  Deno.test(`readCase() reads ${name} with the values and the grid of the library`, async () => {
    const scan = await read(await imageFiles(name, image)) as Image;
    assert.deepEqual(scan.data, image.data);
    assert.deepEqual(scan.geometry.shape, [2, 3, 4]);
    assert.deepEqual(scan.geometry.affine, image.geometry.affine);
  });
}

Deno.test("readCase() joins channels in order and refuses other grids and numbers", async () => {
  const other = countingImage([2, 3, 4], { start: 100 });
  const files = [
    ...await imageFiles("a_0000.nii.gz", image),
    ...await imageFiles("a_0001.nii.gz", other),
  ];
  const scan = await read(files, { model: twoChannels }) as Image;
  assert.equal(scan.channels, 2);
  assert.deepEqual([...scan.data], [...image.data, ...other.data]);

  const larger = await imageFiles("a_0001.nii.gz", countingImage([2, 3, 5]));
  await assert.rejects(
    read([files[0], ...larger], { model: twoChannels }),
    /a_0001\.nii\.gz as another channel of a_0000\.nii\.gz: shape is 2 × 3 × 5, expected 2 × 3 × 4/,
  );
  await assert.rejects(
    read([files[0]], { model: twoChannels }),
    /the image has 1 channels, expected 2 \(T1, FLAIR\)/,
  );
});

Deno.test("readCase() asks for the spacing of a stack, and takes it from an answer or a file", async () => {
  const stack = await imageFiles("a.tif", image);
  assert.deepEqual(await read(stack), { kind: "spacing", path: "a.tif", shape: [2, 3, 4] });
  const answered = await read(stack, { answers: { spacing: [3, 0.5, 0.5] } }) as Image;
  assert.deepEqual(answered.geometry.spacing, [3, 0.5, 0.5]);
  const stored = await read([...stack, pageFile("a.json", '{"spacing": [4, 1, 1]}')]) as Image;
  assert.deepEqual(stored.geometry.spacing, [4, 1, 1]);
  await assert.rejects(
    read([...stack, pageFile("a.json", '{"spacing": 4}')]),
    /Cannot read a\.json: found {"spacing":4}, expected {"spacing": \[Z, Y, X\]}/,
  );
});

Deno.test("readCase() reads a folder of slices, and asks which series if there are two", async () => {
  const files = sliceFiles("ct");
  const scan = await read(files) as Image;
  assert.deepEqual(scan.geometry.shape, [3, 3, 4]);
  assert.deepEqual(scan.geometry.spacing, [2.5, 2, 1.5]);

  const both = [...files, ...await otherSeries(files)];
  const question = await read(both);
  assert.deepEqual(question, {
    kind: "series",
    path: "ct",
    choices: [
      { uid: "1.2.3.4", text: "CT, 3 slices of 4 × 3" },
      { uid: "1.2.3.5", text: "CT, 3 slices of 4 × 3" },
    ],
  });
  const chosen = await read(both, { answers: { series: new Map([["ct", "1.2.3.5"]]) } }) as Image;
  assert.deepEqual(chosen.data, scan.data);
});

Deno.test("readCase() checks the grid before the voxels are read", async () => {
  const [{ path, file }] = await imageFiles("a.nii", image);
  const cut = { path, file: new File([file.slice(0, 400)], path) };
  const refuse = () => Promise.reject(new RangeError("does not fit"));
  await assert.rejects(read([cut], { onGrid: refuse }), /does not fit/);
  await assert.rejects(read([cut]), /Cannot read a\.nii: file is cut short/);
});

Deno.test("readCase() says what is wrong with a file", async () => {
  const cases: [PageFile[], RegExp][] = [
    [[pageFile("a.nii.gz", "no NIfTI")], /Cannot read a\.nii\.gz: /],
    [[pageFile("a.png", "no PNG")], /Cannot read a\.png: /],
    [
      (await imageFiles("a.mhd", image)).slice(0, 1),
      /Cannot read a\.mhd: its voxels are in a\.zraw, which was not added\. Add both files together/,
    ],
    [[pageFile("ct/a.dcm", "no DICOM")], /Cannot read ct\/a\.dcm: found no DICM at byte 128/],
  ];
  for (const [files, message] of cases) await assert.rejects(read(files), message);
});

Deno.test("countChannels() counts those of one file", async () => {
  const counts = await Promise.all(["a.nii.gz", "a.nrrd"].map(async (name) => {
    const files = await imageFiles(name, countingImage([2, 3, 4], { channels: 3 }));
    return await countChannels((await findScans(files)).scans[0]);
  }));
  assert.deepEqual(counts, [3, 3]);
});

Deno.test("describeGrid() names voxels of a volume and pixels of a picture", () => {
  const geometry = { ...plainGeometry([3, 4, 5]), spacing: [3, 1, 0.5] as const };
  assert.equal(describeGrid(geometry), "5 × 4 × 3 voxels of 0.5 × 1 × 3 mm");
  const picture = {
    ...plainGeometry([1, 4, 5]),
    spacing: [missingAxisSpacing([1, 1]), 1, 1] as const,
  };
  assert.equal(describeGrid(picture), "5 × 4 pixels");
});

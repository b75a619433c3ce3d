import assert from "node:assert/strict";
import { findScans } from "../../../lib/browser/model_page/find_scans.ts";
import { countingImage } from "../../image/sample_images.ts";
import { imageFiles, pageFile, sliceFiles } from "./sample_files.ts";

const image = countingImage([2, 3, 4]);

Deno.test("findScans() finds image files and folders of slices, whatever else is there", async () => {
  const { scans, ignored } = await findScans([
    ...await imageFiles("a/scan.nii.gz", image),
    ...await imageFiles("b.nrrd", image),
    ...sliceFiles("patient/ct"),
    pageFile("patient/ct/readme.txt", "No slice."),
    pageFile("a/.hidden", ""),
    pageFile("__MACOSX/._scan.nii.gz", ""),
  ]);
  assert.deepEqual(
    scans.map(({ path, stem, isSeries, files }) => [path, stem, isSeries, files.length]),
    [
      ["a/scan.nii.gz", "scan", false, 1],
      ["b.nrrd", "b", false, 1],
      ["patient/ct", "ct", true, 3],
    ],
  );
  assert.equal(ignored.length, 1);
  assert.equal(ignored[0].path, "patient/ct/readme.txt");
  assert.match(ignored[0].reason, /^unknown file ending, expected one of \.nii\.gz, /);
});

Deno.test("findScans() takes the files that a scan refers to as parts of it", async () => {
  const files = [
    ...await imageFiles("a.mhd", image),
    ...await imageFiles("b.nhdr", image),
    ...await imageFiles("c.hdr", image),
    ...await imageFiles("d.tif", image),
    pageFile("d.json", '{"spacing": [3, 1, 1]}'),
  ];
  const { scans, ignored } = await findScans(files);
  assert.deepEqual(scans.map(({ path }) => path), ["a.mhd", "b.nhdr", "c.hdr", "d.tif"]);
  assert.deepEqual(ignored, []);
});

Deno.test("findScans() says what is missing for voxels without their header", async () => {
  const [, voxels] = await imageFiles("c.hdr", image);
  const { scans, ignored } = await findScans([voxels]);
  assert.deepEqual(scans, []);
  assert.match(ignored[0].reason, /^it has the voxels of another file, expected .* \.hdr$/);
});

Deno.test("findScans() takes a file named as a slice as one, so that reading it fails", async () => {
  const { scans } = await findScans([pageFile("slice.dcm", "no DICOM")]);
  assert.deepEqual(scans.map(({ path, isSeries }) => [path, isSeries]), [["DICOM slices", true]]);
});

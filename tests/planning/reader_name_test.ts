import assert from "node:assert/strict";
import { readerName } from "../../lib/planning/reader_name.ts";

Deno.test("readerName() returns upstream's first reader for a file ending", () => {
  const volumes = { planar: false };
  assert.equal(readerName(".nii.gz", volumes), "SimpleITKIO");
  assert.equal(readerName(".nrrd", volumes), "SimpleITKIO");
  assert.equal(readerName(".nii", volumes), "NibabelIO");
  assert.equal(readerName(".tiff", volumes), "Tiff3DIO");
  assert.equal(readerName(".tif", volumes), "Tiff3DIO");
  assert.equal(readerName(".tif", { planar: true }), "NaturalImage2DIO");
  assert.equal(readerName(".PNG", { planar: true }), "NaturalImage2DIO");
  assert.throws(() => readerName(".jpg", volumes), /fileEnding is "\.jpg", expected one of \.png/);
});

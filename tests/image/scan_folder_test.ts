import assert from "node:assert/strict";
import { join } from "@std/path";
import { listImages, readScanFolder } from "../../lib/image/scan_folder.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

Deno.test("listImages() lists only images, in ascending order", () =>
  withTemporaryFolder(async (folder) => {
    for (const name of ["b.nii", "a.nii.gz", ".c.nii", "d.json"]) {
      await Deno.writeTextFile(join(folder, name), "");
    }
    await Deno.mkdir(join(folder, "e.nii"));
    assert.deepEqual(await listImages(folder), ["a.nii.gz", "b.nii"]);
    assert.deepEqual(await listImages(join(folder, "nowhere")), []);
  }));

Deno.test("readScanFolder() does not report the files with the spacing of TIFF stacks", () =>
  withTemporaryFolder(async (folder) => {
    for (const name of ["a_0000.tif", "a.json", "b.nii", "b.json"]) {
      await Deno.writeTextFile(join(folder, name), "");
    }
    assert.deepEqual(await readScanFolder(folder), {
      scans: ["a_0000.tif", "b.nii"],
      ignored: [{ path: "b.json", reason: "not an image" }],
    });
  }));

import assert from "node:assert/strict";
import { join } from "@std/path";
import { listImages } from "../../lib/image/scan_folder.ts";

Deno.test("listImages() lists only images, in ascending order", () =>
  inFolder(async (folder) => {
    for (const name of ["b.nii", "a.nii.gz", ".c.nii", "d.json"]) {
      await Deno.writeTextFile(join(folder, name), "");
    }
    await Deno.mkdir(join(folder, "e.nii"));
    assert.deepEqual(await listImages(folder), ["a.nii.gz", "b.nii"]);
    assert.deepEqual(await listImages(join(folder, "nowhere")), []);
  }));

async function inFolder(run: (folder: string) => Promise<unknown>) {
  const folder = await Deno.makeTempDir();
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

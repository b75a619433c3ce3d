import assert from "node:assert/strict";
import { join } from "@std/path";
import { gipl } from "../../lib/image/gipl.ts";
import type { Geometry } from "../../lib/image/image.ts";
import { readImage, writeImage } from "../../lib/image/image_files.ts";
import { geometryOfItk, identityDirection } from "../../lib/image/itk_grid.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { testFormatContract } from "./format_contract.ts";
import { countingImage, imagesOn, segmentationsOn } from "./sample_images.ts";

/** The same size, spacing and origin, with the axes that GIPL files have. */
function withoutDirection({ shape, spacing, affine }: Geometry): Geometry {
  const grid = {
    size: [...shape].reverse(),
    spacing: [...spacing].reverse(),
    origin: [-affine[3], -affine[7], affine[11]],
    direction: identityDirection(3),
  };
  return geometryOfItk(grid, "sample");
}

testFormatContract(gipl, {
  images: imagesOn(withoutDirection),
  segmentations: segmentationsOn(withoutDirection),
});

Deno.test("GIPL reading reports what is wrong with a header", () =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, "scan.gipl");
    await writeImage(path, countingImage([2, 3, 4]));
    const whole = await Deno.readFile(path);
    const messageOf = async (change: (view: DataView) => void) => {
      const bytes = whole.slice();
      change(new DataView(bytes.buffer));
      await Deno.writeFile(path, bytes);
      return await readImage([path]).then(() => "", (error: Error) => error.message);
    };
    assert.equal(await messageOf(() => {}), "");
    assert.match(
      await messageOf((view) => view.setUint16(8, 9)),
      /number type is 9, expected one of/,
    );
    assert.match(
      await messageOf((view) => view.setUint16(0, 0)),
      /shape 0 × 3 × 2, expected positive/,
    );
    assert.match(
      await messageOf((view) => view.setUint16(6, 60000)),
      /found 352 bytes, expected \d{7}$/,
    );
    assert.match(await messageOf((view) => view.setFloat32(10, 0)), /spacing is 0 × 1 × 1 mm/);
    assert.match(await messageOf((view) => view.setUint32(252, 1)), /expected a GIPL file$/);
  }));

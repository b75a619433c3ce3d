import assert from "node:assert/strict";
import { join } from "@std/path";
import { stackGeometry } from "../../../lib/image/picture.ts";
import { readImage, writeImage } from "../../../lib/image/image_files.ts";
import { readOmeXml, writeOmeXml } from "../../../lib/image/tiff/ome_xml.ts";
import { omeTiff } from "../../../lib/image/tiff/ome_tiff.ts";
import { withTemporaryFolder } from "../../temporary_folder.ts";
import { testFormatContract } from "../format_contract.ts";
import { countingImage, imagesOn, segmentationsOn } from "../sample_images.ts";

testFormatContract(omeTiff, {
  images: imagesOn(({ shape, spacing }) => stackGeometry(shape, spacing, "sample")),
  segmentations: segmentationsOn(({ shape, spacing }) => stackGeometry(shape, spacing, "sample")),
  grid: (shape) => stackGeometry(shape, [1, 1, 1], "sample"),
});

/** Reads OME-XML of two slices, two channels and one number per pixel, with changed text. */
function read(pixels: string, inside = "<TiffData/>", pages = 4) {
  const xml = `<?xml version="1.0"?><!-- <Pixels SizeZ="9"/> --><OME><Image ID="Image:0">` +
    `<Pixels DimensionOrder="XYCZT" SizeZ="2" SizeC="2" SizeT="1" ${pixels}>${inside}` +
    `</Pixels></Image></OME>`;
  return readOmeXml(xml, pages, 1, "a.ome.tif")!;
}

Deno.test("readOmeXml() orders planes by the dimension order or by the pages that are named", () => {
  assert.deepEqual(read("").planes, [
    { page: 0, slice: 0, channel: 0 },
    { page: 1, slice: 0, channel: 1 },
    { page: 2, slice: 1, channel: 0 },
    { page: 3, slice: 1, channel: 1 },
  ]);
  const named = [[3, 0, 0], [2, 1, 0], [1, 0, 1], [0, 1, 1]].map(([page, slice, channel]) =>
    `<TiffData IFD="${page}" FirstZ="${slice}" FirstC="${channel}" PlaneCount="1"/>`
  );
  assert.deepEqual(read("", named.join("")).planes, [
    { page: 3, slice: 0, channel: 0 },
    { page: 2, slice: 1, channel: 0 },
    { page: 1, slice: 0, channel: 1 },
    { page: 0, slice: 1, channel: 1 },
  ]);
});

Deno.test("readOmeXml() reads lengths in several units, in micrometres by default", () => {
  const sizes = `PhysicalSizeX="250" PhysicalSizeY='.5' PhysicalSizeYUnit="&#181;m" ` +
    `PhysicalSizeZ="0.2" PhysicalSizeZUnit="cm"`;
  assert.deepEqual(read(sizes).spacing, { x: 0.25, y: 0.0005, z: 2 });
  assert.deepEqual(read(`PhysicalSizeX="3" PhysicalSizeXUnit="pixel"`).spacing.x, undefined);
  assert.equal(readOmeXml('{"shape": [2]}', 1, 1, "a.tif"), undefined);
});

Deno.test("readOmeXml() rejects what it cannot read", () => {
  const expectations: [() => unknown, RegExp][] = [
    [() => read("", "", 3), /found 3 pages with 4 planes in its OME-XML, expected 4, one for each/],
    [() => read("", '<TiffData IFD="1"/>'), /found 4 pages with 1 planes/],
    [() => read("", '<TiffData/><TiffData IFD="1"/>'), /found 4 pages with 5 planes/],
    [() => read("", '<TiffData PlaneCount="99999999999"/>'), /with 5 planes/],
    [
      () => read('PhysicalSizeX="-1"'),
      /PhysicalSizeX of its OME-XML is -1 µm, expected a positive/,
    ],
    [
      () => read('PhysicalSizeX="1" PhysicalSizeXUnit="ell"'),
      /is 1 ell, expected a positive number/,
    ],
    [
      () =>
        read(
          "",
          '<TiffData><UUID FileName="a"/></TiffData><TiffData><UUID FileName="b"/></TiffData>',
        ),
      /its planes are in 2 files, expected one file$/,
    ],
    [() => read("", '<Pixels SizeZ="1">'), /its OME-XML has 2 images, expected one$/],
  ];
  for (const [run, message] of expectations) assert.throws(run, { message });
  const times = writeOmeXml({
    ...{ size: { x: 2, y: 2, z: 3 }, channels: 1, type: "uint8" },
    spacing: { x: 1, y: 1, z: 1 },
  }).replace('SizeT="1"', 'SizeT="2"');
  assert.throws(() => readOmeXml(times, 6, 1, "a"), /3 slices, 2 points in time and 1 channels/);
});

Deno.test("OME-TIFF reading rejects other TIFF files, and a lacking slice distance", () =>
  withTemporaryFolder(async (folder) => {
    const [plain, ome] = [join(folder, "scan.tif"), join(folder, "scan.ome.tif")];
    await writeImage(plain, countingImage([2, 2, 2]));
    await Deno.rename(plain, ome);
    await assert.rejects(readImage([ome]), /has no OME-XML .* expected an OME-TIFF file; rename/);
    await writeImage(ome, countingImage([2, 2, 2]));
    const bytes = await Deno.readFile(ome);
    const text = new TextDecoder("latin1").decode(bytes);
    const at = text.indexOf("PhysicalSizeZ=");
    bytes.set(new TextEncoder().encode("PhysicalSizeQ="), at);
    await Deno.writeFile(ome, bytes);
    await assert.rejects(readImage([ome]), /has 2 of the lengths .*, expected all three or none$/);
  }));

Deno.test(".tif files take slices and channels from OME-XML, but no spacing, as nnU-Net", () =>
  withTemporaryFolder(async (folder) => {
    const [ome, plain] = [join(folder, "scan.ome.tif"), join(folder, "scan.tif")];
    const image = countingImage([2, 2, 3], { channels: 2 });
    const geometry = stackGeometry([2, 2, 3], [3, 0.5, 0.5], "sample");
    await writeImage(ome, { ...image, geometry });
    assert.deepEqual(await readImage([ome]), { ...image, geometry });
    await Deno.rename(ome, plain);
    const read = await readImage([plain]);
    assert.deepEqual([read.channels, read.data], [2, image.data]);
    assert.deepEqual(read.geometry, stackGeometry([2, 2, 3], [1, 1, 1], "sample"));
  }));

import assert from "node:assert/strict";
import { deflateSync } from "node:zlib";
import { readImage } from "../../lib/image/image_files.ts";
import { mha, mhd } from "../../lib/image/metaimage/metaimage.ts";
import { testFormatContract } from "./format_contract.ts";

testFormatContract(mha);
testFormatContract(mhd, { voxels: "scan.zraw" });

const header = {
  ObjectType: "Image",
  NDims: "3",
  BinaryData: "True",
  BinaryDataByteOrderMSB: "False",
  DimSize: "2 2 2",
  ElementType: "MET_SHORT",
  ElementDataFile: "LOCAL",
};

/** Result or error message of reading eight voxels with a changed header. */
async function messageOf(
  changes: Partial<Record<string, string>>,
  voxels: Uint8Array = new Uint8Array(16),
): Promise<string> {
  const path = await Deno.makeTempFile({ suffix: ".mha" });
  try {
    const { ElementDataFile, ...others } = { ...header, ...changes };
    const lines = Object.entries({ ...others, ElementDataFile }).filter(([, value]) => value)
      .map(([name, value]) => `${name} = ${value}\n`);
    await Deno.writeTextFile(path, lines.join(""));
    await Deno.writeFile(path, voxels, { append: true });
    return await readImage([path]).then(
      ({ channels, geometry }) => `${channels} channels of ${geometry.shape.join(" × ")}`,
      (error: Error) => error.message.replace(path, "FILE"),
    );
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("MetaImage reading reports what is wrong with a header", async () => {
  const expectations: [Record<string, string>, RegExp][] = [
    [{}, /^1 channels of 2 × 2 × 2$/],
    [{ NDims: "1" }, /^Cannot read FILE: NDims is 1, expected 2, 3 or 4$/],
    [{ NDims: "2.5" }, /NDims is 2\.5, expected 2, 3 or 4$/],
    [{ NDims: "" }, /NDims is missing, expected 1 number$/],
    [{ DimSize: "2 2" }, /DimSize is 2 2, expected 3 numbers$/],
    [{ DimSize: "2 0 2" }, /shape 2 × 0 × 2, expected positive extents$/],
    [{ ElementSpacing: "1 0 1" }, /spacing is 1 × 0 × 1 mm, expected positive numbers$/],
    [{ TransformMatrix: "1 0 0 0 1 0 0 1 0" }, /affine is .*independent axes$/],
    [{ ElementType: "MET_STRING" }, /ElementType is MET_STRING, expected one of MET_UCHAR, /],
    [{ ElementNumberOfChannels: "0" }, /ElementNumberOfChannels is 0, expected 1 or more$/],
    [{ BinaryData: "False" }, /its voxels are text, expected binary numbers$/],
    [{ HeaderSize: "8" }, /HeaderSize is 8, expected 0$/],
    [
      { ElementDataFile: "a.raw" },
      /its voxels are in a\.raw \(.*\), expected that file next to it$/,
    ],
    [
      { ElementDataFile: "../a.raw" },
      /are in "\.\.\/a\.raw", expected .* the same folder or below it$/,
    ],
    [{ ElementDataFile: "b/../../a.raw" }, /expected .* the same folder or below it$/],
    [{ ElementDataFile: "/etc/a.raw" }, /are in "\/etc\/a\.raw", expected .* or below it$/],
    [{ ElementDataFile: "C:\\a.raw" }, /expected .* the same folder or below it$/],
    [{ ElementDataFile: "a%d.raw 1 3" }, /numbered from 1 to 3 in steps of 1, expected 2 files/],
    [{ ElementDataFile: "a%d%d.raw 1 2" }, /expected one whole number such as %03d$/],
    [
      { ElementDataFile: "a%d.raw 1 2 1 3D" },
      /several files with 3 axes, expected 2, one file per/,
    ],
    [{ ElementDataFile: "LIST" }, /its voxels are in 1 files, expected 2 different ones/],
    [
      { ElementDataFile: "a.raw", HeaderSize: "-2" },
      /HeaderSize is -2, expected bytes to skip, or -1$/,
    ],
    [
      { NDims: "4", DimSize: "1 1 1 2", ElementNumberOfChannels: "2" },
      /found 2 numbers per voxel and a fourth axis, expected one or the other$/,
    ],
  ];
  for (const [changes, message] of expectations) assert.match(await messageOf(changes), message);
});

Deno.test("MetaImage reading allocates no memory for more voxels than fit the file", async () => {
  const DimSize = "30000 30000 30000";
  assert.equal(
    await messageOf({ DimSize }),
    "Cannot read FILE: file is cut short, found 16 bytes, expected 54000000000000",
  );
  assert.match(
    await messageOf({ DimSize, CompressedData: "True" }, deflateSync(new Uint8Array(16))),
    /its header needs 54000000000000 bytes, expected at most the \d+ that \d+ packed bytes can hold/,
  );
});

import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { readImage } from "../../../lib/image/image_files.ts";
import { nhdr, nrrd } from "../../../lib/image/nrrd/nrrd.ts";
import { testFormatContract } from "../format_contract.ts";

testFormatContract(nrrd);
testFormatContract(nhdr, { voxels: "scan.raw.gz" });

const header = {
  type: "short",
  dimension: "3",
  space: "left-posterior-superior",
  sizes: "2 2 2",
  "space directions": "(1,0,0) (0,1,0) (0,0,1)",
  kinds: "domain domain domain",
  endian: "little",
  encoding: "raw",
};

/** Result or error message of reading eight voxels with a changed header. */
async function messageOf(
  changes: Partial<Record<string, string>>,
  voxels: Uint8Array = new Uint8Array(16),
): Promise<string> {
  const path = await Deno.makeTempFile({ suffix: ".nrrd" });
  try {
    const fields = Object.entries({ ...header, ...changes }).filter(([, value]) => value);
    const lines = ["NRRD0004", ...fields.map(([name, value]) => `${name}: ${value}`), "", ""];
    await Deno.writeTextFile(path, lines.join("\n"));
    await Deno.writeFile(path, voxels, { append: true });
    return await readImage([path]).then(
      ({ channels, geometry }) => `${channels} channels of ${geometry.shape.join(" × ")}`,
      (error: Error) => error.message.replace(path, "FILE"),
    );
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("NRRD reading reports what is wrong with a header", async () => {
  const expectations: [Record<string, string>, RegExp][] = [
    [{}, /^1 channels of 2 × 2 × 2$/],
    [{ type: "block" }, /^Cannot read FILE: type is block, expected one of uint8, /],
    [{ encoding: "bzip2" }, /encoding is bzip2, expected raw, gzip or text$/],
    [{ endian: "" }, /endian is missing, expected little or big$/],
    [{ dimension: "" }, /dimension is missing, expected an integer$/],
    [{ dimension: "4" }, /sizes is 2 2 2, expected 4 entries$/],
    [{ sizes: "2 -2 2" }, /shape 2 × -2 × 2, expected positive extents$/],
    [{ sizes: "2 2 x" }, /shape 2 × 2 × NaN, expected positive extents$/],
    [{ "space directions": "(1,0,0) (0,1,0) (1,1,0)" }, /affine is .*independent axes$/],
    [{ "space directions": "(1,0,0) (0,1,0) (0,0,0)" }, /spacing is 1 × 1 × 0 mm, expected pos/],
    [{ "space directions": "(1,0) (0,1) (0,0)" }, /expected vectors of 3 numbers$/],
    [{ "space directions": "(1,0,0) (0,1,0)" }, /expected 3 vectors such as \(1,0,0\)$/],
    [{ kinds: "domain list domain" }, /expected at most one non-spatial axis, the first or /],
    [{ "byte skip": "-2" }, /byte skip -2, expected 0 or more, or a byte skip of -1 with raw/],
    [{ "data file": "a.raw" }, /its voxels are in a\.raw \(.*\), expected that file next to it$/],
    [
      { "data file": "../a.raw" },
      /are in "\.\.\/a\.raw", expected .* the same folder or below it$/,
    ],
    [{ "data file": "/etc/a.raw" }, /expected .* the same folder or below it$/],
    [{ "data file": "a%d.raw 1 9 1" }, /numbered from 1 to 9 in steps of 1, expected 2 files/],
  ];
  for (const [changes, message] of expectations) assert.match(await messageOf(changes), message);
});

Deno.test("NRRD reading reports what is wrong with voxels stored as text", async () => {
  const read = (text: string) =>
    messageOf({ encoding: "ascii", endian: "" }, new TextEncoder().encode(text));
  assert.equal(await read("1 2 3 4\n5 6 7 8\n"), "1 channels of 2 × 2 × 2");
  assert.equal(
    await read("1 2 3 four 5 6 7 8"),
    'Cannot read FILE: found "four" among its voxels, expected finite numbers',
  );
  assert.equal(
    await read("1 2 3 4 5 6       "),
    "Cannot read FILE: file is cut short, found 6 numbers, expected 8",
  );
});

Deno.test("NRRD reading allocates no memory for voxels that the file cannot hold", async () => {
  const sizes = "30000 30000 30000";
  assert.equal(
    await messageOf({ sizes }),
    "Cannot read FILE: file is cut short, found 16 bytes, expected 54000000000000",
  );
  assert.equal(
    await messageOf({ sizes, encoding: "text" }),
    "Cannot read FILE: file is cut short, found 16 bytes, expected 53999999999999",
  );
  assert.match(
    await messageOf({ sizes, encoding: "gzip" }, gzipSync(new Uint8Array(16))),
    /its header needs 54000000000000 bytes, expected at most the \d+ that \d+ packed bytes can hold/,
  );
  assert.match(
    await messageOf({ "byte skip": "999999999999999", encoding: "gzip" }),
    /its header needs 1000000000000015 bytes/,
  );
});

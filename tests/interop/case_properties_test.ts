import assert from "node:assert/strict";
import { zyx } from "../../lib/array/nd_array.ts";
import { decodeProperties, encodeProperties } from "../../lib/interop/case_properties.ts";
import { readPickle } from "../../lib/interop/pickle_reader.ts";
import { writePickle } from "../../lib/interop/pickle_writer.ts";
import { type PythonValue, Tuple } from "../../lib/interop/python_values.ts";
import golden from "../golden/npz.json" with { type: "json" };

const turned = "nibabel, reoriented";

for (const { name, shape, content, affine, spacing } of golden.properties) {
  const reader = name.startsWith("nibabel")
    ? name === turned ? "NibabelIOWithReorient" : "NibabelIO"
    : "SimpleITKIO";
  Deno.test(`decodeProperties() reads the grid from nnU-Net's properties: ${name}`, () => {
    const bytes = Uint8Array.fromBase64(content);
    const { geometry } = decodeProperties(bytes, zyx(shape), "a.pkl");
    assert.deepEqual(geometry.shape, shape);
    geometry.spacing.forEach((each, axis) => assert.ok(Math.abs(each - spacing[axis]) < 1e-6));
    const file = geometry.stored ?? geometry;
    affine?.forEach((each, i) => assert.ok(Math.abs(file.affine[i] - each) < 1e-5));
  });

  Deno.test(`encodeProperties() writes what decodeProperties() reads: ${name}`, () => {
    const bytes = Uint8Array.fromBase64(content);
    const { geometry } = decodeProperties(bytes, zyx(shape), "a.pkl");
    const encoded = encodeProperties(geometry, {
      shapeBeforeCropping: geometry.shape,
      cropBox: [[0, 1], [0, 2], [0, 3]],
      shapeAfterCropping: [1, 2, 3],
    }, reader);
    const again = decodeProperties(encoded, geometry.shape, "b.pkl").geometry;
    assert.deepEqual(again.spacing, geometry.spacing);
    assert.deepEqual(again.stored?.axes, geometry.stored?.axes);
    assert.deepEqual(again.stored?.flipped, geometry.stored?.flipped);
    again.affine.forEach((each, i) => assert.ok(Math.abs(geometry.affine[i] - each) < 1e-9));
  });
}

Deno.test("decodeProperties() reads a spacing alone as a grid that starts at the origin", () => {
  const { geometry: { affine } } = decodeProperties(writePickle({ spacing: [3, 2, 1.5] }), [
    1,
    1,
    1,
  ], "a.pkl");
  assert.deepEqual(affine, [1.5, 0, 0, 0, 0, 2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 1]);
});

Deno.test("decodeProperties() names a file that lacks the geometry or is not a pickle", () => {
  assert.throws(
    () => decodeProperties(writePickle({ sitk_stuff: {} }), [1, 1, 1], "a.pkl"),
    /Cannot read a\.pkl: found no geometry of a scan/,
  );
  assert.throws(
    () => decodeProperties(new Uint8Array(3), [1, 1, 1], "b.pkl"),
    /Cannot read b\.pkl/,
  );
});

Deno.test("decodeProperties() reads version 1, whose probabilities cover a box of the scan", () => {
  const properties = {
    original_size_of_raw_data: [4, 5, 6],
    itk_spacing: [0.5, 1, 2],
    itk_origin: [1, 2, 3],
    itk_direction: [1, 0, 0, 0, 1, 0, 0, 0, 1],
    crop_bbox: [[1, 3], [0, 5], [2, 6]],
  };
  const bytes = writePickle(properties);
  const { geometry, cropBox } = decodeProperties(bytes, [2, 5, 4], "a.pkl");
  assert.deepEqual(geometry, {
    shape: [4, 5, 6],
    spacing: [2, 1, 0.5],
    affine: [-0.5, 0, 0, -1, 0, -1, 0, -2, 0, 0, 2, 3, 0, 0, 0, 1],
  });
  assert.deepEqual(cropBox, properties.crop_bbox);
  assert.throws(
    () => decodeProperties(bytes, [4, 5, 6], "a.pkl"),
    /its box is \[\[1,3\],\[0,5\],\[2,6\]\], expected a box of shape \[4,5,6\] within \[4,5,6\]/,
  );
});

Deno.test("encodeProperties() writes the keys and types of nnU-Net's preprocessor", () => {
  const geometry = {
    shape: [6, 7, 8],
    spacing: [3, 2, 1.5],
    affine: [-1.5, 0, 0, 10, 0, -2, 0, 20, 0, 0, 3, 30, 0, 0, 0, 1],
  } as const;
  const bytes = encodeProperties(geometry, {
    shapeBeforeCropping: [6, 7, 8],
    cropBox: [[1, 5], [0, 7], [2, 8]],
    shapeAfterCropping: [4, 7, 6],
  }, "SimpleITKIO");
  const tuple = (...values: number[]) => Tuple.from(values);
  assert.deepEqual(
    readPickle(bytes, { globals: [] }),
    new Map<string, PythonValue>([
      [
        "sitk_stuff",
        new Map([
          ["spacing", tuple(1.5, 2, 3)],
          ["origin", tuple(-10, -20, 30)],
          ["direction", tuple(1, 0, 0, 0, 1, 0, 0, 0, 1)],
        ]),
      ],
      ["spacing", [3, 2, 1.5]],
      ["shape_before_cropping", tuple(6, 7, 8)],
      // The ends are exclusive.
      ["bbox_used_for_cropping", [[1, 5], [0, 7], [2, 8]]],
      ["shape_after_cropping_and_before_resampling", tuple(4, 7, 6)],
    ]),
  );
});

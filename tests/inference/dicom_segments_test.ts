import assert from "node:assert/strict";
import { segmentsOf } from "../../lib/inference/dicom_segments.ts";

Deno.test("segmentsOf() has a segment for each label or region, with the displays' colours", () => {
  assert.deepEqual(segmentsOf({ background: 0, liver: 1, tumor: 2, ignore: 3 }), [
    { name: "liver", labels: [1], color: [230, 159, 0] },
    { name: "tumor", labels: [2], color: [86, 180, 233] },
  ]);
  assert.deepEqual(segmentsOf({ background: 0, whole: [1, 2], core: 2 }), [
    { name: "whole", labels: [1, 2], color: [230, 159, 0] },
    { name: "core", labels: [2], color: [86, 180, 233] },
  ]);
});

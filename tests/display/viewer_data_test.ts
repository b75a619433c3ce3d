import assert from "node:assert/strict";
import { labelBytes, viewerData } from "../../lib/display/viewer_data.ts";
import { plainGeometry } from "../image/sample_images.ts";

const voxels = new Uint8Array(8);
const volume = {
  title: "Volume",
  geometry: { ...plainGeometry([2, 2, 4]), spacing: [3, 1, 1] as const },
  stride: [1, 1, 2] as const,
  cursor: [0, 0, 0] as const,
  window: [0, 1] as const,
  opacity: 0.4,
  scan: { voxels, range: [0, 1] as const },
  classes: [],
};

Deno.test("viewerData() has a layer per label map, and errors between two", () => {
  const layersOf = (names: readonly string[]) => {
    const overlays = names.map((name) => ({ name, voxels, bytes: 1 as const }));
    const { layers, layer } = viewerData({ ...volume, overlays });
    return [layers.map(({ name }) => name).join(), layers[layer].name];
  };
  assert.deepEqual(layersOf([]), ["Image", "Image"]);
  assert.deepEqual(layersOf(["Labels"]), ["Image,Labels", "Labels"]);
  assert.deepEqual(layersOf(["Truth", "Prediction"]), [
    "Image,Truth,Prediction,Errors",
    "Prediction",
  ]);
});

Deno.test("viewerData() describes the coarser grid", () => {
  const { shape, fullShape, spacing } = viewerData({ ...volume, overlays: [] });
  assert.deepEqual([shape, fullShape, spacing], [[2, 2, 2], [2, 2, 4], [3, 1, 2]]);
});

Deno.test("labelBytes() takes two bytes only for labels above 255", () => {
  assert.deepEqual(labelBytes(Uint16Array.of(1, 255)), { voxels: Uint8Array.of(1, 255), bytes: 1 });
  assert.deepEqual(labelBytes(Uint16Array.of(1, 258)), {
    voxels: Uint8Array.of(1, 0, 2, 1),
    bytes: 2,
  });
});

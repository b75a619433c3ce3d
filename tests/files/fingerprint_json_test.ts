import assert from "node:assert/strict";
import { join } from "@std/path";
import { formatFingerprint } from "../../lib/files/fingerprint_json.ts";
import { readFingerprint, writeFingerprint } from "../../lib/files/fingerprint_file.ts";
import type { Fingerprint } from "../../lib/files/plans.ts";

const intensities = {
  max: 9,
  mean: 2.5,
  median: 2,
  min: -1,
  percentile005: -0.5,
  percentile995: 8.5,
  std: 1.25,
};

function fingerprintWith(channels: number): Fingerprint {
  return {
    spacings: [[3, 1, 0.5]],
    shapesAfterCrop: [[10, 20, 30]],
    medianRelativeSizeAfterCropping: 1,
    intensityProperties: Array.from({ length: channels }, (_, i) => ({ ...intensities, min: -i })),
  };
}

Deno.test("formatFingerprint() writes the text that nnU-Net writes", () => {
  assert.equal(
    formatFingerprint(fingerprintWith(1)),
    `{
    "foreground_intensity_properties_per_channel": {
        "0": {
            "max": 9.0,
            "mean": 2.5,
            "median": 2.0,
            "min": -0.0,
            "percentile_00_5": -0.5,
            "percentile_99_5": 8.5,
            "std": 1.25
        }
    },
    "median_relative_size_after_cropping": 1.0,
    "shapes_after_crop": [
        [
            10,
            20,
            30
        ]
    ],
    "spacings": [
        [
            3.0,
            1.0,
            0.5
        ]
    ]
}`,
  );
});

Deno.test("readFingerprint() reads what writeFingerprint() wrote, channels in order", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "dataset_fingerprint.json");
    await writeFingerprint(path, fingerprintWith(12)); // As text, 10 sorts before 2.
    assert.deepEqual(await readFingerprint(path), fingerprintWith(12));
    await Deno.writeTextFile(path, '{"spacings": [[1, 1, 1]]}');
    await assert.rejects(readFingerprint(path), {
      name: "SyntaxError",
      message: /dataset_fingerprint\.json: .*shapes_after_crop/s,
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** Tests the tutorial's first steps on real scans. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import { Dataset } from "../../lib/dataset/dataset.ts";
import { verifyDatasetIntegrity } from "../../lib/dataset/integrity.ts";
import { readSegmentation } from "../../lib/image/image_files.ts";
import { withFolders } from "./sample_folders.ts";

const data = Deno.env.get("NNUNET_TEST_DATA");

Deno.test({
  name: `Dataset.create() accepts the hippocampus scans${
    data ? "" : " (skipped: set NNUNET_TEST_DATA)"
  }`,
  ignore: !data,
  fn: () =>
    withFolders(async ({ root }) => {
      const hippocampus = join(data!, "hippocampus");
      const dataset = await Dataset.create({
        root,
        id: 4,
        name: "Hippocampus",
        images: join(hippocampus, "input"),
        labels: join(hippocampus, "ground_truth"),
        channels: ["MRI"],
        classes: ["anterior", "posterior"],
        test: ["hippocampus_001"],
      });
      assert.deepEqual([dataset.cases.length, dataset.testCases.length], [59, 1]);
      assert.deepEqual(await verifyDatasetIntegrity(dataset), { errors: [], warnings: [] });
      const { geometry } = await readSegmentation(dataset.cases[0].label);
      assert.deepEqual(geometry.spacing, [1, 1, 1]);
    }),
});

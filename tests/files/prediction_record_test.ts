import assert from "node:assert/strict";
import { join } from "@std/path";
import { parseDatasetJson } from "../../lib/files/dataset_json.ts";
import { readDatasetJson } from "../../lib/files/dataset_file.ts";
import { parsePlans } from "../../lib/files/plans_json.ts";
import { readPlans } from "../../lib/files/plans_file.ts";
import { writePredictionRecord } from "../../lib/files/prediction_record.ts";
import golden from "../golden/plans.json" with { type: "json" };

Deno.test("writePredictionRecord() writes nnU-Net's records next to label maps", async () => {
  const output = await Deno.makeTempDir();
  try {
    const plans = parsePlans(golden.texts["abdominal CT with a cascade"]);
    const dataset = parseDatasetJson({
      channel_names: { "0": "CT" },
      labels: { background: 0, organ: 1 },
      numTraining: 3,
      file_ending: ".nii.gz",
    }, "dataset.json");
    await writePredictionRecord(plans, dataset, {
      input: "scans",
      output,
      saveProbabilities: true,
      overwrite: false,
      previousStageFolder: "lowres",
      part: { id: 1, of: 3 },
    });
    assert.deepEqual(await readPlans(join(output, "plans.json")), plans);
    assert.deepEqual(await readDatasetJson(join(output, "dataset.json")), dataset);
    // Python's json.dump(…, sort_keys=True, indent=4) of predict_from_files()'s arguments.
    assert.equal(
      await Deno.readTextFile(join(output, "predict_from_raw_data_args.json")),
      `{
    "folder_with_segs_from_prev_stage": "lowres",
    "list_of_lists_or_source_folder": "scans",
    "num_parts": 3,
    "num_processes_preprocessing": 1,
    "num_processes_segmentation_export": 1,
    "output_folder_or_list_of_truncated_output_files": ${JSON.stringify(output)},
    "overwrite": false,
    "part_id": 1,
    "save_probabilities": true
}`,
    );
  } finally {
    await Deno.remove(output, { recursive: true });
  }
});

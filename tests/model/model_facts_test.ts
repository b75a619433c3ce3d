import assert from "node:assert/strict";
import type { DatasetJson } from "../../lib/files/dataset.ts";
import { modelFacts } from "../../lib/model/model_facts.ts";
import { makeTinyPlans } from "../tiny_scans.ts";

const { plans, root } = await makeTinyPlans();
globalThis.addEventListener("unload", () => Deno.removeSync(root, { recursive: true }));
const configuration = plans.configuration("3d_fullres");
const datasetJson: DatasetJson = {
  ...plans.datasetJson,
  channelNames: ["T1", "T2"],
  labels: { background: 0, whole: [1, 2], core: 2, ignore: 3 },
  regionsClassOrder: [1, 2],
};
const sources = { plansData: plans.plansData, configuration, datasetJson, mirrorAxes: [0, 1] };

Deno.test("modelFacts() has one input channel per channel of the scan", () => {
  const facts = modelFacts(sources);
  assert.equal(facts.inputChannels, 2);
  assert.ok(!("previousStageLabels" in facts));
  assert.equal(facts.heads.count, 2);
  assert.deepEqual(facts.mirrorAxes, [0, 1]);
});

Deno.test("modelFacts() has another input channel per foreground label of a previous stage", () => {
  const second = { ...configuration, previousStage: "3d_lowres" as const };
  const facts = modelFacts({ ...sources, configuration: second });
  assert.equal(facts.inputChannels, 4);
  assert.deepEqual(facts.previousStageLabels, [1, 2]);
});

Deno.test("modelFacts() rejects axes to mirror that are not different axes of the patch", () => {
  for (const mirrorAxes of [[3], [-1], [0.5], [0, 0], Array(40).fill(0), ["0"], null]) {
    assert.throws(
      () => modelFacts({ ...sources, mirrorAxes: mirrorAxes as number[] }),
      /^RangeError: Cannot use model: it is mirrored along the axes .*, expected different ones from/,
    );
  }
});

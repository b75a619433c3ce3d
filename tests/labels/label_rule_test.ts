import assert from "node:assert/strict";
import { type HeadValues, labelRuleOf } from "../../lib/labels/label_rule.ts";
import { type Heads, headsOf } from "../../lib/model/heads.ts";
import { regionsAs } from "../model/regions.ts";

/** Decides labels of voxels that arrive two at a time. @param values (heads, voxels) */
function decide(heads: Heads, kind: HeadValues, values: readonly (readonly number[])[]): number[] {
  const labels = new Uint8Array(values[0].length).fill(9); // The array may be reused.
  const take = labelRuleOf(heads, kind).decide(labels);
  for (const [head, ofHead] of values.entries()) {
    for (let begin = 0; begin < ofHead.length; begin += 2) {
      take(head, Float32Array.from(ofHead.slice(begin, begin + 2)), begin);
    }
  }
  return [...labels];
}

Deno.test("labelRuleOf() chooses the first label with the largest value", () => {
  const values = [[1, 0, -3], [2, 0, -1], [0, 0, -1]];
  for (const kind of ["logits", "probabilities"] as const) {
    assert.deepEqual(decide({ count: 3 }, kind, values), [1, 0, 1]);
  }
});

Deno.test("labelRuleOf() assigns likely regions in their order", () => {
  const heads = { count: 2, regions: regionsAs(7, 3) };
  assert.deepEqual(decide(heads, "logits", [[1, 1, 0, 0.4], [-1, 1, -1, 0]]), [7, 3, 0, 7]);
  const probabilities = [[0.6, 0.6, 0.5, 0.4], [0.4, 0.6, 0.1, 0.5]];
  assert.deepEqual(decide(heads, "probabilities", probabilities), [7, 3, 0, 0]);
});

Deno.test("labelRuleOf() reports the highest label, which may be that of any region", () => {
  assert.equal(labelRuleOf({ count: 300 }, "logits").highestLabel, 299);
  const heads = { count: 3, regions: regionsAs(1, 300, 2) };
  assert.equal(labelRuleOf(heads, "logits").highestLabel, 300);
});

Deno.test("labelRuleOf() paints the regions of a dataset.json as nnU-Net does", () => {
  const labels = { background: 0, core: [2, 3], whole: [1, 2, 3], edge: 2 };
  const values = [
    [0.6, 0.4, 0.6, 0.1, 0.6, 0.6],
    [0.6, 0.6, 0.4, 0.2, 0.9, 0.9],
    [0.1, 0.6, 0.1, 0.3, 0.6, 0.5],
  ];
  // Labels of LabelManager.convert_probabilities_to_segmentation().
  for (
    const [regionsClassOrder, painted] of [
      [[3, 1, 2], [1, 2, 3, 0, 2, 1]],
      [[1, 2, 3], [2, 3, 1, 0, 3, 2]],
    ]
  ) {
    const heads = headsOf({ labels, regionsClassOrder });
    assert.deepEqual(decide(heads, "probabilities", values), painted);
    const logits = values.map((head) => head.map((p) => Math.log(p / (1 - p))));
    assert.deepEqual(decide(heads, "logits", logits), painted);
  }
});

Deno.test("labelRuleOf() gives a label where its probability is above its threshold", () => {
  const heads = { count: 3, thresholds: [undefined, 0.3, undefined] };
  // Background, thresholded, other.
  const values = [[0.6, 0.5, 0.1, 0.25], [0.35, 0.25, 0.29, 0.31], [0.05, 0.25, 0.61, 0.44]];
  assert.deepEqual(decide(heads, "probabilities", values), [1, 0, 2, 1]);
  const logits = values.map((head) => head.map((p) => Math.log(p) + 5)); // Softmax restores them.
  assert.deepEqual(decide(heads, "logits", logits), [1, 0, 2, 1]);
  const both = { count: 3, thresholds: [undefined, 0.3, 0.2] };
  assert.deepEqual(decide(both, "probabilities", values), [1, 2, 2, 2]);
  const all = { count: 2, thresholds: [0.9, 0.9] };
  assert.deepEqual(decide(all, "probabilities", [[0.5, 0.95], [0.5, 0.05]]), [0, 0]);
});

Deno.test("labelRuleOf() compares regions with their thresholds", () => {
  const heads = { count: 2, regions: regionsAs(7, 3), thresholds: [0.2, undefined] };
  const values = [[0.3, 0.1, 0.3], [0.4, 0.6, 0.6]];
  assert.deepEqual(decide(heads, "probabilities", values), [7, 3, 3]);
  const logits = values.map((head) => head.map((p) => Math.log(p / (1 - p))));
  assert.deepEqual(decide(heads, "logits", logits), [7, 3, 3]);
});

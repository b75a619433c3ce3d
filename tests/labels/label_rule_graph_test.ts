import assert from "node:assert/strict";
import fc from "fast-check";
import { chosenHeads } from "../../lib/labels/label_rule_graph.ts";
import { labelRuleOf } from "../../lib/labels/label_rule.ts";
import type { Heads } from "../../lib/model/heads.ts";
import { evaluate } from "../graph/run_graph.ts";
import { regionsAs } from "../model/regions.ts";

const voxels = 6;

/** Logits with ties and zeros. */
const logits = (heads: number) =>
  fc.array(fc.integer({ min: -2, max: 2 }), {
    minLength: heads * voxels,
    maxLength: heads * voxels,
  });

/** The rule's labels of logits, (heads, voxels). */
function labelsOf(heads: Heads, data: readonly number[]): Uint8Array {
  const labels = new Uint8Array(voxels);
  const take = labelRuleOf(heads, "logits").decide(labels);
  for (let head = 0; head < heads.count; head++) {
    take(head, Float32Array.from(data.slice(head * voxels, (head + 1) * voxels)));
  }
  return labels;
}

/** The heads that the graph chooses, (heads, voxels). */
async function chosenIn(heads: Heads, data: readonly number[]): Promise<number[][]> {
  const [{ data: chosen }] = await evaluate(
    [{ shape: [1, heads.count, voxels], data }],
    (value) => [chosenHeads(value, heads)],
  );
  return Array.from(
    { length: heads.count },
    (_, head) => Array.from(chosen.slice(head * voxels, (head + 1) * voxels) as Float32Array),
  );
}

Deno.test("chosenHeads() chooses the head whose label the rule assigns", async () => {
  const heads = { count: 3 };
  await fc.assert(
    fc.asyncProperty(logits(3), async (data) => {
      const chosen = await chosenIn(heads, data);
      const labels = labelsOf(heads, data);
      for (let voxel = 0; voxel < voxels; voxel++) {
        assert.deepEqual(
          chosen.map((head) => head[voxel]),
          [0, 1, 2].map((head) => head === labels[voxel] ? 1 : 0),
        );
      }
    }),
    { numRuns: 20 },
  );
});

Deno.test("the last region that chosenHeads() chooses is the one whose label the rule assigns", async () => {
  const heads = { count: 3, regions: regionsAs(7, 3, 5) };
  await fc.assert(
    fc.asyncProperty(logits(3), async (data) => {
      const chosen = await chosenIn(heads, data);
      const expected = Array.from({ length: voxels }, (_, voxel) => {
        const last = chosen.findLastIndex((head) => head[voxel] === 1);
        return last === -1 ? 0 : heads.regions[last].outputLabel;
      });
      assert.deepEqual([...labelsOf(heads, data)], expected);
    }),
    { numRuns: 20 },
  );
});

import assert from "node:assert/strict";
import { encodeModel } from "../../lib/graph/encode.ts";
import { attentionByHeads, withoutAttention } from "../../lib/lowering/attention.ts";
import { lower } from "../../lib/lowering/lower.ts";
import { Session } from "../../lib/runtime/session.ts";
import { derivativeCases, differentiate } from "./derivative_cases.ts";

Deno.test("attentionByHeads() has the same results for any number of heads at a time", async () => {
  const { graph, feeds } = differentiate(derivativeCases["attention"]);
  const results = [];
  // 60 weights per head: one head, two heads, all three.
  for (const [largest, products] of [[1, 3], [120, 2], [1000, 1]]) {
    const lowered = lower(graph, attentionByHeads(largest));
    const softmaxes = lowered.nodes.filter(({ operator }) => operator === "Softmax");
    // Once for the result, once for the gradient.
    assert.equal(softmaxes.length, 2 * products);
    const session = await Session.create(encodeModel(lowered), { threads: 1 });
    const found = await session.run(feeds);
    await session.release();
    results.push(Object.keys(found).sort().map((name) => Array.from(found[name].data, Number)));
  }
  assert.deepEqual(results[0], results[2]);
  assert.deepEqual(results[1], results[2]);
});

Deno.test("withoutAttention() leaves only operators that ONNX has", () => {
  const { graph } = differentiate(derivativeCases["attention"]);
  assert.throws(() => encodeModel(graph), { message: /^Cannot encode Attention/ });
  encodeModel(withoutAttention(graph));
  const plain = differentiate(derivativeCases["layer norm"]).graph;
  assert.equal(withoutAttention(plain), plain);
});

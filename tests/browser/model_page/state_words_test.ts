import assert from "node:assert/strict";
import { describeState, describeTimeLeft } from "../../../lib/browser/model_page/state_words.ts";

Deno.test("describeTimeLeft() is coarse, and empty if nothing is known", () => {
  assert.deepEqual([NaN, 1, 12.4, 150, 7200].map(describeTimeLeft), [
    "",
    "nearly done",
    "about 12 s left",
    "about 3 min left",
    "about 2.0 h left",
  ]);
});

Deno.test("describeState() says 100 % only at the end", () => {
  const state = { kind: "segmenting", what: "Segmenting", secondsLeft: 3 } as const;
  assert.equal(describeState({ ...state, share: 0.42 }), "Segmenting, 42 %, about 3 s left");
  assert.equal(describeState({ ...state, share: 0.9999 }), "Segmenting, 99 %, about 3 s left");
});

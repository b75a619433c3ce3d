import assert from "node:assert/strict";
import { processorCount } from "../../lib/platform/processors.ts";

Deno.test("processorCount() is at most what NNUNET_CPUS says", () => {
  const all = navigator.hardwareConcurrency;
  try {
    for (const [value, expected] of [["1", 1], ["1000", all], ["", all], ["many", all]] as const) {
      Deno.env.set("NNUNET_CPUS", value);
      assert.equal(processorCount(), expected, value);
    }
  } finally {
    Deno.env.delete("NNUNET_CPUS");
  }
  assert.equal(processorCount(), all);
});

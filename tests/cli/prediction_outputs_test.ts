import assert from "node:assert/strict";
import { parseThreshold } from "../../lib/cli/prediction_outputs.ts";

Deno.test("parseThreshold() adds thresholds of labels, whose names may have any characters", () => {
  const first = parseThreshold("tumour=0.3");
  assert.deepEqual(parseThreshold("a=b=5e-1", first), { tumour: 0.3, "a=b": 0.5 });
});

Deno.test("parseThreshold() rejects other texts and repeated labels", () => {
  for (const text of ["tumour", "=0.5", "tumour=", "tumour=0", "tumour=1", "tumour=x"]) {
    assert.throws(() => parseThreshold(text), {
      name: "RangeError",
      message: `Cannot use --threshold ${text}: expected LABEL=VALUE with a value between 0 and 1`,
    });
  }
  assert.throws(
    () => parseThreshold("a=0.5", { a: 0.3 }),
    /a has the threshold 0\.3 already, expected one for each label$/,
  );
});

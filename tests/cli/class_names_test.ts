import assert from "node:assert/strict";
import { parseClassNames } from "../../lib/cli/class_names.ts";

Deno.test("parseClassNames() reads names in order, integers and regions", () => {
  assert.deepEqual(parseClassNames("background, front,back"), ["front", "back"]);
  assert.deepEqual(parseClassNames("nothing=0,brain=255"), { nothing: 0, brain: 255 });
  assert.deepEqual(parseClassNames("whole=1 + 2+3,core=2,ignore=4"), {
    whole: [1, 2, 3],
    core: 2,
    ignore: 4,
  });
});

Deno.test("parseClassNames() rejects invalid text", () => {
  assert.throws(
    () => parseClassNames("background"),
    /expected at least two names, the background's first/,
  );
  for (const text of ["a,b=1", "a=", "=1", "a=1=2", "a=x", "a=-1", "a=1+"]) {
    assert.throws(
      () => parseClassNames(text),
      /Cannot use --names .*: expected NAME=INTEGER/,
      text,
    );
  }
  assert.throws(() => parseClassNames("a=1,a=2"), /expected each name once$/);
});

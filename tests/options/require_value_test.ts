import assert from "node:assert/strict";
import {
  describeValue,
  flag,
  requireList,
  requireOneOf,
  requireOption,
  requireValue,
  text,
  wholeFrom,
  withArticle,
} from "../../lib/options/require_value.ts";

const path = (value: unknown) => requireValue(value, text, "open a model", "path");

Deno.test("requireValue() says what was found, and how to make it what is expected", () => {
  path("scans");
  const refused: [unknown, string, string][] = [
    [undefined, "TypeError", "missing, expected a string"],
    [7, "TypeError", "7, expected a string"],
    ["", "RangeError", '"", expected a string'],
    [["a", "b"], "TypeError", '["a", "b"], expected a string'],
    [Promise.resolve("a"), "TypeError", "a promise, expected a string; await it"],
    [
      new URL("file:///a"),
      "TypeError",
      "a URL, expected a string; pass its path, as `fileURLToPath()` of node:url returns it",
    ],
  ];
  for (const [value, name, message] of refused) {
    assert.throws(() => path(value), { name, message: `Cannot open a model: path is ${message}` });
  }
});

Deno.test("requireOption() allows what is left out", () => {
  requireOption(undefined, flag, "predict", "mirroring");
  requireOption(false, flag, "predict", "mirroring");
  assert.throws(() => requireOption("no", flag, "predict", "mirroring"), {
    name: "TypeError",
    message: 'Cannot predict: mirroring is "no", expected true or false',
  });
  assert.throws(() => requireOption(0, wholeFrom(1), "predict", "threads"), {
    name: "RangeError",
    message: "Cannot predict: threads is 0, expected an integer of at least 1",
  });
});

Deno.test("requireList() names the element that is wrong", () => {
  const list = (value: unknown) => requireList(value, text, "read", "paths", "a list of paths");
  list([]);
  list(["a", "b"]);
  assert.throws(() => list("a"), {
    name: "TypeError",
    message: 'Cannot read: paths is "a", expected a list of paths',
  });
  assert.throws(() => list(["a", 1]), {
    name: "TypeError",
    message: "Cannot read: paths[1] is 1, expected a string",
  });
});

Deno.test("requireOneOf() lists the names, and says which is closest", () => {
  requireOneOf("cpu", ["cpu", "cuda"], "compute", "device");
  assert.throws(() => requireOneOf("cudda", ["cpu", "cuda"], "compute", "device"), {
    name: "RangeError",
    message: 'Cannot compute: device is "cudda", expected one of cpu, cuda; did you mean "cuda"?',
  });
  assert.throws(() => requireOneOf(1, ["cpu", "cuda"], "compute", "device"), {
    message: "Cannot compute: device is 1, expected one of cpu, cuda",
  });
});

Deno.test("describeValue() names long values by their kind", () => {
  assert.equal(describeValue([1, 2, 3, 4, 5]), "a list");
  assert.equal(describeValue({ a: 1 }), "an object");
  assert.equal(describeValue(new Map()), "a Map");
  assert.equal(describeValue(() => 1), "a function");
  assert.equal(describeValue(null), "null");
});

Deno.test("withArticle() chooses the article by the sound", () => {
  const names = ["Int8Array", "Uint16Array", "URL", "Image", "BigInt64Array", "Object"];
  assert.deepEqual(names.map(withArticle), [
    "an Int8Array",
    "a Uint16Array",
    "a URL",
    "an Image",
    "a BigInt64Array",
    "an object",
  ]);
});

import assert from "node:assert/strict";
import { formatPythonJson, parsePythonJson, PythonFloat } from "../../lib/files/python_json.ts";

Deno.test("formatPythonJson() writes floats as Python's repr does", () => {
  const texts: [number, string][] = [
    [1, "1.0"],
    [-0, "-0.0"],
    [0.1, "0.1"],
    [1e-4, "0.0001"],
    [1e-5, "1e-05"],
    [1.5e-7, "1.5e-07"],
    [1e-100, "1e-100"],
    [123456789012345680, "1.2345678901234568e+17"],
    [1e15, "1000000000000000.0"],
    [NaN, "NaN"],
    [-Infinity, "-Infinity"],
  ];
  for (const [value, text] of texts) assert.equal(formatPythonJson(new PythonFloat(value)), text);
});

Deno.test("formatPythonJson() sorts keys as text, indents by four and escapes non-ASCII", () => {
  assert.equal(
    formatPythonJson({ "10": 1, "2": ["ü", {}], "(1, 2)": [] }),
    '{\n    "(1, 2)": [],\n    "10": 1,\n    "2": [\n        "\\u00fc",\n        {}\n    ]\n}',
  );
});

Deno.test("formatPythonJson() can keep the order of keys, and writes booleans and null", () => {
  assert.equal(
    formatPythonJson({ b: true, a: [{ d: null, c: false }] }, { sortKeys: false }),
    '{\n    "b": true,\n    "a": [\n        {\n            "d": null,\n            "c": false\n' +
      "        }\n    ]\n}",
  );
});

Deno.test("parsePythonJson() reads NaN and infinities outside of strings only", () => {
  assert.deepEqual(
    parsePythonJson('{"a \\"NaN": [NaN, -Infinity, Infinity], "b": "NaN"}'),
    { 'a "NaN': [NaN, -Infinity, Infinity], b: "NaN" },
  );
});

import assert from "node:assert/strict";
import { messageFaults } from "./messages.ts";

Deno.test("messageFaults() accepts a sentence that names the file", () => {
  assert.deepEqual(messageFaults("\nCannot read a.nii.gz: found 5 bytes, expected 348\n"), []);
});

Deno.test("messageFaults() finds internal text", () => {
  const bad = [
    "Cannot read a: undefined",
    "Cannot read a: [object Object]",
    "No such file or directory (os error 2)",
    "Cannot read a\n    at read (file:///a.ts:1:1)",
    "ERR_INVALID_ARG_TYPE",
    "DataCloneError: x could not be cloned",
    "TypeError: a.b is not a function",
    "Cannot read \u001b[31ma",
    "",
    "x ".repeat(2000),
  ];
  for (const text of bad) assert.notDeepEqual(messageFaults(text), [], text);
});

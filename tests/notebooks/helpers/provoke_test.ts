import assert from "node:assert/strict";
import { provoke } from "../../../notebooks/helpers/provoke.ts";

async function printed(action: () => unknown): Promise<string[]> {
  const lines: string[] = [];
  const print = console.error;
  console.error = (line: string) => lines.push(line);
  try {
    await provoke(action);
  } finally {
    console.error = print;
  }
  return lines;
}

Deno.test("provoke() prints the error of a function, also one that it rejects with", async () => {
  const fail = () => {
    throw new RangeError("too large");
  };
  assert.deepEqual(await printed(fail), ["RangeError: too large"]);
  assert.deepEqual(await printed(() => Promise.reject(new TypeError("no"))), ["TypeError: no"]);
});

Deno.test("provoke() fails if nothing else does", async () => {
  await assert.rejects(printed(() => 1), /expected to fail/);
});

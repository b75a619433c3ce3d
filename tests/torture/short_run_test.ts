/** A short torture on a fixed seed: 14 commands are ended, 40 files are damaged. */

import assert from "node:assert/strict";
import { torture } from "./lanes.ts";

Deno.test("a short torture finds no faults", async () => {
  const report = await torture({
    seed: 1,
    endings: 14,
    damages: 40,
    print: console.log,
  });
  assert.equal(report.faults.length, 0, report.summary());
});

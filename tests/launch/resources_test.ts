import assert from "node:assert/strict";
import fc from "fast-check";
import {
  parseMemory,
  parseTime,
  requireEnough,
  slurmMemory,
  slurmTime,
} from "../../lib/launch/resources.ts";

Deno.test("parseTime() reads all of Slurm's forms", () => {
  assert.equal(parseTime("90"), 5400);
  assert.equal(parseTime("2:30"), 150);
  assert.equal(parseTime("24:00:00"), 86400);
  assert.equal(parseTime("7-12"), 7 * 86400 + 12 * 3600);
  assert.equal(parseTime("1-02:03"), 86400 + 2 * 3600 + 180);
  assert.equal(parseTime("1-02:03:04"), 86400 + 2 * 3600 + 184);
  for (const text of ["", "soon", "1:2:3:4", "-5", "1h"]) {
    assert.throws(() => parseTime(text), /Cannot use a time of/, text);
  }
});

Deno.test("parseTime() reads what slurmTime() writes", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 1e7 }), (seconds) => {
    assert.equal(parseTime(slurmTime(seconds)), seconds);
  }));
});

Deno.test("parseMemory() counts in powers of two, as schedulers do", () => {
  assert.equal(parseMemory("32G"), 2 ** 35);
  assert.equal(parseMemory("32GiB"), 2 ** 35);
  assert.equal(parseMemory("1.5g"), 1.5 * 2 ** 30);
  assert.equal(slurmMemory(parseMemory("500M")), "500M");
  assert.equal(slurmMemory(parseMemory("1T")), "1024G");
  for (const text of ["", "32", "lots", "-1G"]) {
    assert.throws(() => parseMemory(text), /Cannot use a memory of/, text);
  }
});

Deno.test("requireEnough() refuses what could never get anywhere", () => {
  const enough = { gpus: 1, cpus: 8, memoryBytes: 2 ** 35, seconds: 86400, graceSeconds: 300 };
  requireEnough(enough, 1e9);
  requireEnough({ gpus: 0, cpus: 1, graceSeconds: 300 }, 1e12);
  assert.throws(() => requireEnough({ ...enough, seconds: 100 }, 0), /at least 120 s/);
  assert.throws(() => requireEnough({ ...enough, seconds: 500 }, 0), /at most half/);
  assert.throws(
    () => requireEnough(enough, 40e9),
    /memory of 34.4 GB: the data set's largest case needs 40.0 GB/,
  );
  assert.throws(
    () => requireEnough({ ...enough, maxParallel: 0 }, 0),
    /with `maxParallel: 0`: expected at least 1$/,
  );
});

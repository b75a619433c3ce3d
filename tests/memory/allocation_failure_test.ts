import assert from "node:assert/strict";
import { explainFailure } from "../../lib/memory/allocation_failure.ts";
import { DeviceMemoryError, MemoryError } from "../../lib/memory/memory_error.ts";

Deno.test("explainFailure() distinguishes failed allocations from other failures", () => {
  const full = new Error(
    "BFCArena: Failed to allocate memory for requested buffer of size 123\nat",
  );
  const explained = explainFailure("cuda", full);
  assert.ok(explained instanceof DeviceMemoryError && explained instanceof MemoryError);
  assert.match(
    explained.message,
    /^Cannot compute on cuda: its memory is too small for the network; .*size 123$/,
  );
  assert.equal(explained.cause, full);
  assert.equal(explained.requiredBytes, undefined);
  const other = new Error("Invalid model");
  assert.equal(explainFailure("cuda", other), other);
});

import assert from "node:assert/strict";
import { hasSharedMemory, isShared, newSharedMemory } from "../../lib/platform/shared_memory.ts";
import { checkOf, createStopFlag, raise, reachesWorkers } from "../../lib/runtime/stop_flag.ts";
import { withoutSharedMemory } from "../without_shared_memory.ts";

Deno.test("newSharedMemory() is shared if possible, otherwise plain, and all zeros", async () => {
  assert.ok(hasSharedMemory());
  assert.ok(isShared(newSharedMemory(8)));
  assert.equal(isShared(new ArrayBuffer(8)), false);
  await withoutSharedMemory(() => {
    assert.equal(hasSharedMemory(), false);
    const memory = newSharedMemory(8);
    assert.equal(isShared(memory), false);
    assert.deepEqual(new Uint8Array(memory), new Uint8Array(8));
  });
  assert.ok(hasSharedMemory());
});

Deno.test("a stop flag works only in its own thread without shared memory, and reports that", async () => {
  assert.ok(reachesWorkers(createStopFlag()));
  await withoutSharedMemory(() => {
    const flag = createStopFlag();
    assert.equal(reachesWorkers(flag), false);
    checkOf(flag).throwIfAborted();
    raise(flag);
    assert.throws(() => checkOf(flag).throwIfAborted(), /Stopped/);
  });
});

import assert from "node:assert/strict";
import { createStopFlag } from "../../lib/runtime/stop_flag.ts";
import { runInWorkers } from "../../lib/runtime/worker_pool.ts";
import { withoutSharedMemory } from "../without_shared_memory.ts";
import type { SampleApi } from "./sample_worker.ts";

const module = import.meta.resolve("./sample_worker.ts");

Deno.test("runInWorkers() does every job once", async () => {
  const sums: number[] = [];
  await runInWorkers<SampleApi, number>(module, [1, 2, 3], async (worker, job) => {
    sums.push(await worker.call("add", [job, 10]));
  }, { workers: 2 });
  assert.deepEqual(sums.sort(), [11, 12, 13]);
});

Deno.test("runInWorkers() terminates busy workers when aborted without shared memory", () =>
  withoutSharedMemory(async () => {
    const controller = new AbortController();
    const reason = new Error("Enough");
    const run = runInWorkers<SampleApi, number>(module, [1, 2, 3], async (worker) => {
      const call = worker.call("forever", []); // It checks no flag.
      controller.abort(reason);
      await call;
    }, { workers: 2, signal: controller.signal, stopFlag: createStopFlag() });
    await assert.rejects(run, reason);
  }));

import assert from "node:assert/strict";
import { getPriority } from "node:os";
import { Remote } from "../../lib/runtime/remote.ts";
import type { SampleApi } from "../runtime/sample_worker.ts";

async function priorityOfWorker(): Promise<number> {
  const worker = await Remote.connect<SampleApi>(
    import.meta.resolve("../runtime/sample_worker.ts"),
  );
  try {
    return await worker.call("priority", []);
  } finally {
    worker.close();
  }
}

function setDeno(value: typeof Deno): void {
  Object.defineProperty(globalThis, "Deno", { value, configurable: true });
}

/** Threads have priorities of their own only there. */
const ignore = Deno.build.os !== "linux";

Deno.test({
  name: "workers give way to the notebook that starts them",
  ignore,
  async fn() {
    const priority = getPriority();
    const deno = globalThis.Deno;
    // In a kernel the property has a value; elsewhere it throws.
    setDeno(Object.create(deno, { jupyter: { value: {} } }));
    try {
      assert.equal(await priorityOfWorker(), Math.min(priority + 5, 19));
    } finally {
      setDeno(deno);
    }
    assert.equal(getPriority(), priority);
  },
});

Deno.test({
  name: "workers of other programs keep the priority",
  ignore,
  fn: async () => assert.equal(await priorityOfWorker(), getPriority()),
});

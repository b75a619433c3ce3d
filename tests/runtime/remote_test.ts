import assert from "node:assert/strict";
import { DeviceMemoryError, MemoryError } from "../../lib/memory/memory_error.ts";
import { Remote } from "../../lib/runtime/remote.ts";
import type { SampleApi } from "./sample_worker.ts";

/** Runs a test with a worker, which is terminated afterwards. */
async function withWorker(
  run: (remote: Remote<SampleApi>) => Promise<void>,
  onEvent?: (event: unknown) => void,
) {
  const remote = await Remote.connect<SampleApi>(
    import.meta.resolve("./sample_worker.ts"),
    onEvent,
  );
  try {
    await run(remote);
  } finally {
    remote.close();
  }
}

Deno.test("Remote.call() passes arguments and returns the result", () =>
  withWorker(async (remote) => {
    assert.equal(await remote.call("add", [2, 3]), 5);
  }));

Deno.test("Remote.call() rejects with the error's class and message, and works afterwards", () =>
  withWorker(async (remote) => {
    await assert.rejects(remote.call("fail", ["range"]), {
      name: "RangeError",
      message: "Out of range",
    });
    await assert.rejects(remote.call("fail", ["text"]), { message: "just text" });
    await assert.rejects(remote.call("uncloneable", []), Error);
    assert.equal(await remote.call("add", [1, 1]), 2);
  }));

Deno.test("Remote.call() keeps class, fields and cause of the library's errors", () =>
  withWorker(async (remote) => {
    await assert.rejects(remote.call("fail", ["memory"]), (error) => {
      assert.ok(error instanceof DeviceMemoryError && error instanceof MemoryError);
      const { name, message, device, what, requiredBytes, availableBytes, cause } = error;
      assert.deepEqual(
        { name, device, what, requiredBytes, availableBytes },
        {
          name: "DeviceMemoryError",
          device: "cuda",
          what: "a volume",
          requiredBytes: 2,
          availableBytes: 1,
        },
      );
      assert.match(message, /^Cannot compute on cuda: a volume needs about 2 B/);
      assert.equal((cause as Error).message, "Full");
      return true;
    });
  }));

Deno.test("Remote.call() rejects arguments that cannot be cloned", () =>
  withWorker(async (remote) => {
    const notCloneable = (() => 1) as unknown as number;
    await assert.rejects(remote.call("add", [notCloneable, 1]), { name: "DataCloneError" });
    assert.equal(await remote.call("add", [1, 1]), 2);
  }));

Deno.test("Remote.call() runs calls one after another, in order", () =>
  withWorker(async (remote) => {
    await Promise.all(["a", "b"].map((name) => remote.call("slowly", [name])));
    assert.deepEqual(await remote.call("log", []), ["a begins", "a ends", "b begins", "b ends"]);
  }));

Deno.test("Remote.call() transfers buffers in both directions", () =>
  withWorker(async (remote) => {
    const values = Float32Array.of(1, 2, 3);
    const reversed = await remote.call("reverse", [values], [values.buffer]);
    assert.equal(values.length, 0);
    assert.deepEqual(reversed, Float32Array.of(3, 2, 1));
  }));

Deno.test("notify() arrives before the call's result", async () => {
  const events: unknown[] = [];
  await withWorker(async (remote) => {
    await remote.call("report", [2]);
    assert.deepEqual(events, [{ done: 1 }, { done: 2 }]);
  }, (event) => events.push(event));
});

Deno.test("Remote closes the worker if the receiver of events throws, and rejects with its error", async () => {
  const mine = new Error("Mine");
  await withWorker(
    async (remote) => {
      await assert.rejects(remote.call("report", [2]), mine);
      assert.ok(remote.hasEnded);
      await assert.rejects(remote.call("add", [1, 2]), mine);
    },
    () => {
      throw mine;
    },
  );
});

Deno.test("Remote.close() rejects pending and later calls with its reason", () =>
  withWorker(async (remote) => {
    const waiting = [remote.call("forever", []), remote.call("add", [1, 2])];
    remote.close(new Error("Enough"));
    remote.close(new Error("Closed twice"));
    for (const call of waiting) await assert.rejects(call, { message: "Enough" });
    await assert.rejects(remote.call("add", [1, 2]), { message: "Enough" });
  }));

Deno.test("Remote rejects all calls of a worker that fails outside of a call", () =>
  withWorker(async (remote) => {
    await remote.call("collapse", []);
    const waiting = remote.call("forever", []);
    await assert.rejects(waiting, /^Error: Worker failed: .*Collapsed/);
    await assert.rejects(remote.call("add", [1, 2]), /Worker failed/);
  }));

Deno.test("Remote.connect() yields to the event loop between two starts", async () => {
  const events: string[] = [];
  const { Worker } = globalThis;
  globalThis.Worker = class extends Worker {
    constructor(module: string | URL, options?: WorkerOptions) {
      super(module, options);
      events.push("start");
      setTimeout(() => events.push("turn"), 0);
    }
  };
  try {
    const module = import.meta.resolve("./sample_worker.ts");
    const remotes = await Promise.all([1, 2, 3].map(() => Remote.connect<SampleApi>(module)));
    for (const remote of remotes) remote.close();
  } finally {
    globalThis.Worker = Worker;
  }
  assert.deepEqual(events, ["start", "turn", "start", "turn", "start", "turn"]);
});

Deno.test("Remote.connect() rejects if the module cannot be loaded", async () => {
  const missing = import.meta.resolve("./no_such_worker.ts");
  await assert.rejects(Remote.connect(missing), (error: Error) => {
    assert.ok(error.message.startsWith(`Cannot start worker ${missing}: `), error.message);
    return true;
  });
  const broken = "data:text/javascript,throw new Error('Broken from the start')";
  await assert.rejects(Remote.connect(broken), /Cannot start worker .*Broken from the start/);
});

/** Runs in a worker, for the tests of `remote.ts` and `thrown_error.ts`. */

import { getPriority } from "node:os";
import { DeviceMemoryError } from "../../lib/memory/memory_error.ts";
import { thrownValues } from "./thrown_values.ts";
import { notify, serve, Transferred } from "../../lib/runtime/remote.ts";

const log: string[] = [];

const api = {
  add: (a: number, b: number) => a + b,

  /** Returns the priority of the worker's thread, as nice(1) has it. */
  priority: () => getPriority(Number(Deno.readLinkSync("/proc/thread-self").split("/").at(-1))),

  /** Finishes after a while, later than functions called after it would. */
  async slowly(name: string) {
    log.push(`${name} begins`);
    await new Promise((resolve) => setTimeout(resolve, 5));
    log.push(`${name} ends`);
  },

  log: () => log,

  fail(kind: "range" | "text" | "memory"): void {
    if (kind === "text") throw "just text";
    if (kind === "memory") {
      const shortage = { what: "a volume", requiredBytes: 2, availableBytes: 1 };
      throw new DeviceMemoryError("cuda", shortage, { cause: new Error("Full") });
    }
    throw new RangeError("Out of range");
  },

  /** Throws one of {@link thrownValues}. */
  throwValue(index: number): void {
    throw thrownValues[index].thrown;
  },

  /** Returns a function, which cannot be cloned. */
  uncloneable: () => () => 1,

  reverse(values: Float32Array<ArrayBuffer>) {
    values.reverse();
    return new Transferred(values, [values.buffer]);
  },

  report(count: number): void {
    for (let i = 0; i < count; i++) notify({ done: i + 1 });
  },

  forever: () => new Promise<void>(() => {}),

  /** Fails outside of any call. */
  collapse(): void {
    setTimeout(() => {
      throw new Error("Collapsed");
    });
  },
};

export type SampleApi = typeof api;

serve(api);

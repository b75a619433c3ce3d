import assert from "node:assert/strict";
import { isNotFound } from "../../lib/platform/files.ts";
import { FileError } from "../../lib/platform/file_error.ts";
import { Remote } from "../../lib/runtime/remote.ts";
import { packError, unpackError } from "../../lib/runtime/thrown_error.ts";
import type { SampleApi } from "./sample_worker.ts";
import { thrownValues } from "./thrown_values.ts";

Deno.test("Whatever a worker throws arrives as an error with its message", async () => {
  const remote = await Remote.connect<SampleApi>(import.meta.resolve("./sample_worker.ts"));
  try {
    for (const [index, { message, name = "Error", cause }] of thrownValues.entries()) {
      const error = await remote.call("throwValue", [index]).catch((error) => error);
      assert.ok(error instanceof Error, `value ${index} is an error`);
      assert.equal(error.message, message, `message of value ${index}`);
      assert.equal(error.name, name, `name of value ${index}`);
      assert.equal((error.cause as Error | undefined)?.message, cause, `cause of value ${index}`);
    }
  } finally {
    remote.close();
  }
});

Deno.test("unpackError() restores classes, fields, codes and the parts of an error", () => {
  const over = (thrown: unknown) => unpackError(structuredClone(packError(thrown)));

  const missing = over(new FileError("read", "a", { code: "ENOENT" }));
  assert.ok(missing instanceof FileError && isNotFound(missing));
  assert.deepEqual([missing.path, missing.reason], ["a", "it does not exist"]);

  const failed = over(Object.assign(new Error("Failed"), { code: "Z_DATA_ERROR" }));
  assert.equal((failed as Error & { code: string }).code, "Z_DATA_ERROR");

  const both = over(new AggregateError([new TypeError("one"), "two"], "Both"));
  assert.ok(both instanceof AggregateError);
  assert.ok(both.errors[0] instanceof TypeError);
  assert.deepEqual(both.errors.map(({ message }) => message), ["one", "two"]);

  assert.ok(over(new DOMException("Stopped", "AbortError")) instanceof DOMException);
  assert.match(over(new Error("Here")).stack!, /thrown_error_test/);
});

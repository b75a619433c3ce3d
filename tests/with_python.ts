/**
 * Defines tests that need the Python with nnU-Net, whose path is in `NNUNET_TEST_PYTHON`.
 * `deno task test:python` creates it.
 */

import assert from "node:assert/strict";

const python = Deno.env.get("NNUNET_TEST_PYTHON");

/**
 * Defines a test that calls {@link runPython}; if it is skipped, its name says why.
 *
 * @param fn The test, with an empty folder that is removed after it.
 */
export function testWithPython(name: string, fn: (folder: string) => Promise<void>): void {
  Deno.test({
    name: python ? name : `${name} (skipped: set NNUNET_TEST_PYTHON)`,
    ignore: !python,
    async fn() {
      const folder = await Deno.makeTempDir();
      try {
        await fn(folder);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

/**
 * Runs Python.
 *
 * @param args A script's path and its arguments, or `-c` and a program with its arguments.
 * @returns What it prints.
 * @throws {AssertionError} If it fails, with what it writes to its standard error.
 */
export async function runPython(...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(python!, { args }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trim();
}

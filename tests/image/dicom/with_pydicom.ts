/**
 * Defines tests that need pydicom and highdicom, which the environment of `deno task test:python` has.
 */

import { testWithPython } from "../../with_python.ts";

const python = Deno.env.get("NNUNET_TEST_PYTHON");

/** Whether the Python of the tests has the packages; an older environment may lack them. */
const hasPackages = python !== undefined &&
  (await new Deno.Command(python, {
    args: ["-c", "import pydicom, highdicom, pylibjpeg, SimpleITK"],
    stdout: "null",
    stderr: "null",
  }).output()).success;

/** Defines a test that calls Python with pydicom; if it is skipped, its name says why. */
export function testWithPydicom(name: string, fn: (folder: string) => Promise<void>): void {
  if (hasPackages || python === undefined) return testWithPython(name, fn);
  Deno.test({
    name: `${name} (skipped: no pydicom; run deno task test:python for NNUNET_TEST_PYTHON)`,
    ignore: true,
    fn() {},
  });
}

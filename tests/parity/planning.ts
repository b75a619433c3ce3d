/**
 * `deno task parity:planning`: plans, fingerprints and preprocessed cases against nnunetv2 itself,
 * both run live. Real scans are taken from the folder NNUNET_TEST_DATA, if it is set.
 *
 * `--plans N` compares the plans of so many random fingerprints, 500 by default; `--check` fails
 * where anything differs.
 */

import { parseArgs } from "node:util";
import { NoPythonError } from "../../kernels/python_environment.ts";
import type { Agreement } from "./agreement.ts";
import { compareFingerprints } from "./fingerprints.ts";
import { comparePlans } from "./plans.ts";
import { comparePreprocessing } from "./preprocessing.ts";

const { values: options } = parseArgs({
  options: {
    plans: { type: "string", default: "500" },
    check: { type: "boolean", default: false },
  },
});

const results: Agreement[] = [];
try {
  results.push(await comparePlans(Number(options.plans)));
  results.push(await compareFingerprints());
  results.push(await comparePreprocessing());
} catch (error) {
  if (!(error instanceof NoPythonError)) throw error;
  console.log(error.message);
  console.log("parity with nnunetv2: nothing to compare with");
  Deno.exit(options.check ? 1 : 0);
}
console.log(
  "parity with nnunetv2: " +
    results.map(({ of, agreed, total }) => `${agreed} of ${total} ${of}`).join(", "),
);
Deno.exit(options.check && results.some(({ agreed, total }) => agreed < total) ? 1 : 0);

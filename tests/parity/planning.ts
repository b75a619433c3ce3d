/**
 * `deno task parity:planning`: runs nnunetv2 and compares plans, fingerprints and preprocessed
 * cases with ours. Real scans are read from the folder NNUNET_TEST_DATA if it is set.
 *
 * `--plans N` sets the number of random fingerprints whose plans are compared, by default 500.
 * `--check` fails if anything differs or there are no real scans.
 */

import { NoPythonError } from "../../kernels/python_environment.ts";
import { taskOptions } from "../task_options.ts";
import type { Agreement } from "./agreement.ts";
import { compareFingerprints } from "./fingerprints.ts";
import { comparePlans } from "./plans.ts";
import { comparePreprocessing } from "./preprocessing.ts";
import { realScansFolder, realScansMissing } from "./real_scans.ts";

const options = taskOptions(import.meta.url, {
  plans: { type: "string", default: "500" },
  check: { type: "boolean", default: false },
});

const results: Agreement[] = [];
try {
  results.push(await comparePlans(Number(options.plans)));
  results.push(await compareFingerprints());
  results.push(await comparePreprocessing());
} catch (error) {
  if (!(error instanceof NoPythonError)) throw error;
  console.log(error.message);
  console.log("parity with nnunetv2: no reference to compare with");
  Deno.exit(options.check ? 1 : 0);
}
console.log(
  "parity with nnunetv2: " +
    results.map(({ of, agreed, total }) => `${agreed} of ${total} ${of}`).join(", "),
);
if (realScansFolder === undefined) console.log(`missed: ${realScansMissing}`);
const differs = results.some(({ agreed, total }) => agreed < total || total === 0);
Deno.exit(options.check && (differs || realScansFolder === undefined) ? 1 : 0);

/** The real scans that parity checks and benchmarks use. */

const data = Deno.env.get("NNUNET_TEST_DATA");

/** Folder of the data sets `hippocampus` and `ct`, if `NNUNET_TEST_DATA` names one. */
export const realScansFolder: string | undefined = data || undefined;

/** Why a check without real scans is incomplete, which counts as a missed target. */
export const realScansMissing =
  "no real scans: set NNUNET_TEST_DATA to a folder with the data sets hippocampus and ct";

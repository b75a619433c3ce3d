/** Compares fingerprints of generated and real data sets with nnU-Net's. */

import { join } from "@std/path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { generateDataset } from "../../data/phantom_dataset.ts";
import { Dataset } from "../../lib/dataset/dataset.ts";
import { readFingerprint } from "../../lib/files/fingerprint_file.ts";
import { fileNames } from "../../lib/files/paths.ts";
import { Planner } from "../../lib/planner.ts";
import type { Fingerprint } from "../../lib/files/plans.ts";
import { ensureNnunetPython } from "../nnunet_python.ts";
import type { Agreement } from "./agreement.ts";
import { realScansFolder } from "./real_scans.ts";

/** Tolerance of statistics of samples, in standard deviations of the intensities. */
const SAMPLING_NOISE = 0.05;

/** Extracts fingerprints of phantoms, and of real scans if there are any. */
export async function compareFingerprints(): Promise<Agreement> {
  const root = await Deno.makeTempDir({ prefix: "parity_fingerprints_" });
  try {
    const phantoms = join(root, "phantoms");
    await generateDataset({ folder: phantoms, cases: 5 });
    const sources = [{ name: "phantoms", folder: phantoms, channel: "MRI" }];
    if (realScansFolder !== undefined) {
      sources.push(
        { name: "hippocampus", folder: join(realScansFolder, "hippocampus"), channel: "MRI" },
        { name: "ct", folder: join(realScansFolder, "ct"), channel: "CT" },
      );
    }
    let agreed = 0;
    for (const [i, { name, folder, channel }] of sources.entries()) {
      const dataset = await Dataset.create({
        root,
        id: i + 1,
        name,
        images: join(folder, "input"),
        labels: join(folder, "ground_truth"),
        channels: [channel],
      });
      const { fingerprint, folder: planned } = await new Planner().plan(dataset);
      const file = join(planned, fileNames.fingerprint);
      await Deno.remove(file); // Ours, which must not be read as nnU-Net's.
      await extractInPython(root, i + 1);
      const theirs = await readFingerprint(file);
      const difference = findDifference(fingerprint, theirs);
      console.log(`${difference ? "DIFFER" : "agree"}  fingerprint of ${name}${difference ?? ""}`);
      if (!difference) agreed++;
    }
    return { of: "fingerprints", agreed, total: sources.length };
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

/** Lets nnU-Net extract the fingerprint. */
async function extractInPython(root: string, id: number) {
  const { success, stderr } = await new Deno.Command(
    await ensureNnunetPython(),
    {
      args: [fileURLToPath(new URL("./fingerprints.py", import.meta.url)), `${id}`],
      env: {
        nnUNet_raw: join(root, "nnUNet_raw"),
        nnUNet_preprocessed: join(root, "nnUNet_preprocessed"),
        nnUNet_results: join(root, "nnUNet_results"),
      },
      stdout: "null",
    },
  ).output();
  if (!success) throw new Error(`Cannot extract in Python: ${new TextDecoder().decode(stderr)}`);
}

/** Describes the first difference that is no noise of sampling; NaN equals only NaN. */
export function findDifference(ours: Fingerprint, theirs: Fingerprint): string | undefined {
  for (const key of ["shapesAfterCrop", "spacings", "medianRelativeSizeAfterCropping"] as const) {
    if (!isDeepStrictEqual(ours[key], theirs[key])) {
      return `: ${key} is ${JSON.stringify(ours[key])}, expected ${JSON.stringify(theirs[key])}`;
    }
  }
  const [own, their] = [ours, theirs].map(({ intensityProperties }) => intensityProperties.length);
  if (own !== their) return `: ${own} channels, expected ${their}`;
  for (const [channel, expected] of theirs.intensityProperties.entries()) {
    const found = ours.intensityProperties[channel];
    for (const key of ["mean", "median", "std", "percentile005", "percentile995"] as const) {
      const isNear = Math.abs(found[key] - expected[key]) <= SAMPLING_NOISE * expected.std;
      if (!isNear && !Object.is(found[key], expected[key])) {
        return `: ${key} of channel ${channel} is ${found[key]}, expected ${expected[key]}`;
      }
    }
    // A sample may not contain the extremes.
    const contains = found.min <= expected.min && found.max >= expected.max;
    const areNaN = [found, expected].every(({ min, max }) => Number.isNaN(min + max));
    if (!contains && !areNaN) {
      return `: range of channel ${channel} is ${found.min} to ${found.max}, ` +
        `expected to contain ${expected.min} to ${expected.max}`;
    }
  }
}

/**
 * Extracts a data set's fingerprint: shapes, spacings and foreground intensities.
 *
 * Upstream samples 10⁸ foreground voxels, the same number from each case. Here, too, cases have equal
 * weight, but mean, deviation and range are exact, and percentiles are computed from evenly spaced
 * quantiles. This needs less memory and gives the same result every time.
 *
 * @see MIC-DKFZ/nnUNet@0e495086
 * nnunetv2/experiment_planning/dataset_fingerprint/fingerprint_extractor.py
 */

import { median } from "../array/quantile.ts";
import type { TrainingCase } from "../dataset/case.ts";
import type { CaseError } from "../dataset/case_error.ts";
import { caseError, throwIfFailed } from "../dataset/failed_cases_error.ts";
import type { Fingerprint } from "../files/plans.ts";
import { type CaseFacts, type CaseReaders, factsOf } from "./case_facts.ts";
import { type IntensitySummary, pooledProperties } from "./intensity_summary.ts";

/** Functions that read cases, and progress options. */
export interface FingerprintOptions extends CaseReaders {
  readonly signal?: AbortSignal;
  /** Called after each case. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Called with what was found in each case. */
  readonly onCase?: (name: string, facts: CaseFacts) => void;
}

/** Total number of quantiles kept per channel over all cases: 16 MB. */
const QUANTILES = 4e6;

/** What is done, for messages. */
export const ACTION = "extract a fingerprint of";

/**
 * Extracts a fingerprint, reading every case once, one after another.
 *
 * @throws {RangeError} If there are no cases, or none has foreground.
 * @throws {FailedCasesError} If cases cannot be read or used; it names all of them.
 * @throws The signal's reason, if it is aborted.
 */
export async function extractFingerprint(
  cases: readonly TrainingCase[],
  options: FingerprintOptions,
): Promise<Fingerprint> {
  requireCases(cases);
  const quantileCount = quantilesPerCase(cases.length);
  const facts: CaseFacts[] = [];
  const failures: CaseError[] = [];
  const finished: string[] = [];
  for (const one of cases) {
    options.signal?.throwIfAborted();
    let found: CaseFacts | undefined;
    try {
      found = await factsOf(one, options, quantileCount);
      facts.push(found);
      finished.push(one.name);
    } catch (error) {
      failures.push(caseError(one.name, ACTION, error));
    }
    if (found) options.onCase?.(one.name, found); // What it throws is not the case's fault.
    options.onProgress?.(facts.length + failures.length, cases.length);
  }
  throwIfFailed(ACTION, failures, { finished, cases });
  return pooled(facts);
}

/** @throws {RangeError} If there are no cases. */
export function requireCases({ length }: readonly TrainingCase[]): void {
  if (length > 0) return;
  throw new RangeError(
    "Cannot extract a fingerprint: found no training cases, expected at least one",
  );
}

/** Returns how many quantiles to keep of each case, per channel. */
export function quantilesPerCase(caseCount: number): number {
  return Math.max(1, Math.floor(QUANTILES / caseCount));
}

/** Returns the fingerprint of cases that were measured. @throws {RangeError} If none has foreground. */
export function pooled(facts: readonly CaseFacts[]): Fingerprint {
  return {
    spacings: facts.map(({ spacing }) => spacing),
    shapesAfterCrop: facts.map(({ shapeAfterCrop }) => shapeAfterCrop),
    medianRelativeSizeAfterCropping: median(facts.map(({ relativeSize }) => relativeSize)),
    intensityProperties: poolChannels(facts.map(({ intensities }) => intensities)),
  };
}

function poolChannels(cases: readonly (readonly IntensitySummary[])[]) {
  const labelled = cases.filter((channels) => channels.length > 0);
  if (labelled.length === 0) {
    throw new RangeError(
      "Cannot extract a fingerprint: found no foreground label in any case, expected at least one",
    );
  }
  const channelCount = labelled[0].length;
  const deviant = labelled.find((channels) => channels.length !== channelCount);
  if (deviant) {
    throw new RangeError(
      `Cannot extract a fingerprint: found cases with ${channelCount} and ${deviant.length} ` +
        "channels, expected the same number in all cases",
    );
  }
  return labelled[0].map((_, channel) =>
    pooledProperties(labelled.map((channels) => channels[channel]))
  );
}

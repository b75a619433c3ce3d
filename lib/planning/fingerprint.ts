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
import { runCases } from "../dataset/run_cases.ts";
import type { ReaderName } from "../image/reader.ts";
import { workerAddress } from "../platform/workers.ts";
import type { Fingerprint } from "../files/plans.ts";
import { type CaseFacts, type CaseReaders, factsOf } from "./case_facts.ts";
import type { FingerprintApi } from "./fingerprint_worker.ts";
import { type IntensitySummary, pooledProperties } from "./intensity_summary.ts";

/** Functions that read cases, and progress options. */
export interface FingerprintOptions extends CaseReaders {
  readonly signal?: AbortSignal;
  /** Called after each case. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Called with what was found in each case. */
  readonly onCase?: (name: string, facts: CaseFacts) => void;
}

/** How workers read cases. */
export interface FingerprintWorkersOptions
  extends Pick<FingerprintOptions, "signal" | "onProgress" | "onCase"> {
  /** Name of the reader to read images and label maps as; their format decides by default. */
  readonly reader?: ReaderName;
  /** Number of cases read at once; one per core by default. */
  readonly workers?: number;
}

/** Total number of quantiles kept per channel over all cases: 16 MB. */
const QUANTILES = 4e6;

/** What is done, for messages. */
const ACTION = "extract a fingerprint of";

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
    try {
      const found = await factsOf(one, options, quantileCount);
      facts.push(found);
      finished.push(one.name);
      options.onCase?.(one.name, found);
    } catch (error) {
      failures.push(caseError(one.name, ACTION, error));
    }
    options.onProgress?.(facts.length + failures.length, cases.length);
  }
  throwIfFailed(ACTION, failures, { finished, cases });
  return pooled(facts);
}

/**
 * Extracts the same fingerprint in workers, each of which holds a whole scan in memory.
 *
 * @param cases The training cases.
 * @param options The reader, the number of workers, and how to observe and abort the work.
 * @throws As {@link extractFingerprint}.
 */
export async function extractFingerprintInWorkers(
  cases: readonly TrainingCase[],
  { reader, workers, signal, onProgress, onCase }: FingerprintWorkersOptions,
): Promise<Fingerprint> {
  requireCases(cases);
  const quantileCount = quantilesPerCase(cases.length);
  const facts = new Map<string, CaseFacts>();
  onProgress?.(0, cases.length);
  await runCases<FingerprintApi, TrainingCase>(
    workerAddress("./fingerprint_worker.ts", import.meta),
    cases,
    async (worker, one) => {
      const found = await worker.call("facts", [one, reader, quantileCount]);
      facts.set(one.name, found);
      onCase?.(one.name, found);
    },
    {
      ...{ action: ACTION, workers, signal },
      onDone: () => onProgress?.(facts.size, cases.length),
    },
  );
  // In the order of the cases, whichever was read first: sums depend on it.
  return pooled(cases.map(({ name }) => facts.get(name)!));
}

function requireCases({ length }: readonly TrainingCase[]): void {
  if (length > 0) return;
  throw new RangeError(
    "Cannot extract a fingerprint: found no training cases, expected at least one",
  );
}

function quantilesPerCase(caseCount: number): number {
  return Math.max(1, Math.floor(QUANTILES / caseCount));
}

function pooled(facts: readonly CaseFacts[]): Fingerprint {
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

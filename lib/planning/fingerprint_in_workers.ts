/** Extracts fingerprints with several cases at once. */

import type { TrainingCase } from "../dataset/case.ts";
import { runCases } from "../dataset/run_cases.ts";
import type { Fingerprint } from "../files/plans.ts";
import type { ReaderName } from "../image/reader.ts";
import { workerAddress } from "../platform/workers.ts";
import type { CaseFacts } from "./case_facts.ts";
import {
  ACTION,
  type FingerprintOptions,
  pooled,
  quantilesPerCase,
  requireCases,
} from "./fingerprint.ts";
import type { FingerprintApi } from "./fingerprint_worker.ts";

/** How workers read cases. */
export interface FingerprintWorkersOptions
  extends Pick<FingerprintOptions, "signal" | "onProgress" | "onCase"> {
  /** Name of the reader to read images and label maps as; their format decides by default. */
  readonly reader?: ReaderName;
  /** Number of cases read at once; one per core by default. */
  readonly workers?: number;
}

/**
 * Extracts the fingerprint that `extractFingerprint()` does, in workers, each of which holds a whole scan in memory.
 *
 * @param cases The training cases.
 * @param options The reader, the number of workers, and how to observe and abort the work.
 * @throws As `extractFingerprint()`.
 */
export async function extractFingerprintInWorkers(
  cases: readonly TrainingCase[],
  { reader, workers, signal, onProgress, onCase }: FingerprintWorkersOptions,
): Promise<Fingerprint> {
  requireCases(cases);
  const quantileCount = quantilesPerCase(cases.length);
  const facts = new Map<string, CaseFacts>();
  const unreported: [name: string, facts: CaseFacts][] = [];
  onProgress?.(0, cases.length);
  await runCases<FingerprintApi, TrainingCase>(
    workerAddress("./fingerprint_worker.ts", import.meta),
    cases,
    async (worker, one) => {
      const found = await worker.call("facts", [one, reader, quantileCount]);
      facts.set(one.name, found);
      unreported.push([one.name, found]);
    },
    {
      ...{ action: ACTION, workers, signal },
      // What callbacks throw here ends the work; above, it would count as a failure of the case.
      onDone() {
        for (const [name, found] of unreported.splice(0)) onCase?.(name, found);
        onProgress?.(facts.size, cases.length);
      },
    },
  );
  // In the order of the cases, whichever was read first: sums depend on it.
  return pooled(cases.map(({ name }) => facts.get(name)!));
}

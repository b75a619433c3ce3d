/** Runs both kinds of torture side by side. */

import { join } from "@std/path";
import { tryDamages } from "./damages.ts";
import { tryEndings } from "./endings.ts";
import { Report } from "./report.ts";
import type { Ending } from "./run_nnunet.ts";
import { createWorld } from "./world.ts";

/** What to try, and for how long. */
export interface TortureOptions {
  readonly seed: number;
  /** Time limit. */
  readonly seconds?: number;
  /** Number of commands to end early, at most. */
  readonly endings?: number;
  /** Number of files to damage, at most. */
  readonly damages?: number;
  /** `endings` or `damages`; both by default. */
  readonly part?: string;
  /** Name of the only scenario or input to try; all by default. */
  readonly only?: string;
  /** A single ending of the scenario to repeat. */
  readonly ending?: Ending;
  /** Number of a single damage of the input to repeat. */
  readonly input?: number;
  readonly print: (line: string) => void;
  /** Ends everything at once; the report has what was tried before. */
  readonly signal?: AbortSignal;
}

/**
 * Tries endings and damages until the limits are reached. Each of the two takes about one core, and
 * goes its own way, so that the seed determines what each tries, and the time only how much.
 */
export async function torture(options: TortureOptions): Promise<Report> {
  const { seed, seconds = Infinity, endings, damages, part, only, ending, input, print, signal } =
    options;
  const report = new Report(print);
  const home = await Deno.makeTempDir({ prefix: "nnunet_torture_" });
  const end = performance.now() + 1000 * seconds;
  const until = (limit = Infinity) => (tried: number) => tried < limit && performance.now() < end;
  try {
    const world = await createWorld();
    const common = { world, seed, only, report };
    const lanes = Promise.all([
      input === undefined && part !== "damages" && tryEndings({
        ...common,
        home: join(home, "endings"),
        goOn: until(ending ? 1 : endings),
        ending,
      }),
      ending === undefined && part !== "endings" && tryDamages({
        ...common,
        home: join(home, "damages"),
        goOn: until(input === undefined ? damages : 1),
        number: input,
      }),
    ]);
    await Promise.race([lanes, aborted(signal)]);
  } finally {
    // Commands that an abort left running may still write.
    await Deno.remove(home, { recursive: true }).catch((error) => {
      if (!signal?.aborted) throw error;
    });
  }
  return report;
}

/** Resolves when a signal is aborted. */
function aborted(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => signal?.addEventListener("abort", () => resolve()));
}

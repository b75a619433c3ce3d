/** Goes through damaged inputs in an order that a seed determines. */

import { join } from "@std/path";
import { InputProcess } from "./input_process.ts";
import { tryInput } from "./input_trial.ts";
import { createInputs } from "./inputs.ts";
import type { Report } from "./report.ts";
import type { Tree } from "./trees.ts";

/** What to try, and for how long. */
export interface DamagesOptions {
  readonly world: Tree;
  readonly seed: number;
  /** Folder for the runs. */
  readonly home: string;
  /** Returns whether to try another, given the number of those tried. */
  readonly goOn: (tried: number) => boolean;
  /** Name of the only input to try; all by default. */
  readonly only?: string;
  /** Number of a single trial to repeat. */
  readonly number?: number;
  readonly report: Report;
}

/** Tries damaged inputs of all kinds in turn. */
export async function tryDamages(options: DamagesOptions): Promise<void> {
  const { world, seed, home, goOn, only, number, report } = options;
  const all = await createInputs(world);
  const inputs = all.filter(({ name }) => only === undefined || name === only);
  if (inputs.length === 0) return;
  // Deep enough for names that lead out of a folder.
  const place = join(home, "out", "of", "here", "work");
  await Deno.mkdir(place, { recursive: true });
  const process = new InputProcess();
  try {
    for (let tried = 0; goOn(tried); tried++) {
      const input = inputs[tried % inputs.length];
      const round = number ?? Math.floor(tried / inputs.length);
      // Different for each input, whether others are tried or not.
      const ownSeed = (seed * 1_000_003 + all.indexOf(input)) * 100_003 + round;
      const { accepted, faults } = await tryInput(input, ownSeed, { place, process });
      report.read(input.format, accepted);
      const repeat = `--seed ${seed} --only "${input.name}" --input ${round}`;
      report.add(faults.map((what) => ({ where: input.name, what, repeat })));
    }
  } finally {
    await process.end();
  }
}

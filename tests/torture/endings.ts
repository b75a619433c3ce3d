/** Goes through scenarios and endings in an order that a seed determines. */

import { createGenerator, type Generator as Random } from "../../lib/random/generator.ts";
import { shuffle } from "../../lib/random/shuffle.ts";
import { makeReference, type Reference, tryEnding } from "./ending_trial.ts";
import type { Report } from "./report.ts";
import type { Ending } from "./run_nnunet.ts";
import { scenarios } from "./scenarios.ts";
import type { Tree } from "./trees.ts";

/** Yields every call as a kill, and fewer stops, full disks and kills at random times, shuffled. */
function* endingsOf(reference: Reference, generator: Random): Endings {
  for (;;) {
    const at = reference.calls.map((_, i) => i + 1);
    const kills = at.map((at): Ending => ({ how: "kill", at }));
    const full = at.filter(() => generator.uniform() < 0.5)
      .map((at): Ending => ({ how: "full", at }));
    const stops = at.filter(() => generator.uniform() < 0.25)
      .map((at): Ending => ({ how: "stop", at }));
    const random = at.filter(() => generator.uniform() < 0.5).map((): Ending => ({
      how: "kill",
      afterMs: Math.round(generator.uniform(0, 1.1 * reference.milliseconds)),
    }));
    const all = [...kills, ...full, ...stops, ...random];
    shuffle(all, generator);
    yield* all;
  }
}
type Endings = Generator<Ending, void, undefined>;

/** What to try, and for how long. */
export interface EndingsOptions {
  readonly world: Tree;
  readonly seed: number;
  /** Folder for the runs. */
  readonly home: string;
  /** Returns whether to try another, given the number of those tried. */
  readonly goOn: (tried: number) => boolean;
  /** Name of the only scenario to try; all by default. */
  readonly only?: string;
  /** A single ending to repeat. */
  readonly ending?: Ending;
  readonly report: Report;
}

/** Tries endings of all scenarios in turn. */
export async function tryEndings(options: EndingsOptions): Promise<void> {
  const { world, seed, home, goOn, only, ending, report } = options;
  const chosen = scenarios.filter(({ name }) => only === undefined || name === only);
  const states = chosen.map((scenario) => ({
    scenario,
    generator: createGenerator(seed * 1000 + scenarios.indexOf(scenario)),
    reference: undefined as Reference | undefined,
    endings: undefined as Endings | undefined,
  }));
  shuffle(states, createGenerator(seed));
  let tried = 0;
  while (states.length > 0) {
    for (const state of [...states]) {
      if (!goOn(tried++)) return;
      const { scenario, generator } = state;
      try {
        state.reference ??= await makeReference(scenario, world, home);
      } catch (error) {
        report.add([{
          where: scenario.name,
          what: (error as Error).message,
          repeat: `--seed ${seed} --only "${scenario.name}" --kill 1`,
        }]);
        states.splice(states.indexOf(state), 1);
        continue;
      }
      const { reference } = state;
      state.endings ??= endingsOf(reference, generator);
      const next = ending ?? state.endings.next().value!;
      const faults = await tryEnding(scenario, next, { world, home, reference });
      report.ended(scenario.command, next);
      const repeat = `--seed ${seed} --only "${scenario.name}" ${flagOf(next)}`;
      const when = "at" in next ? `${next.how} at ${reference.calls[next.at - 1]}` : undefined;
      report.add(faults.map((what) => ({ where: scenario.name, what, when, repeat })));
    }
  }
}

const flagOf = (ending: Ending) =>
  "at" in ending ? `--${ending.how} ${ending.at}` : `--kill-after ${ending.afterMs}`;

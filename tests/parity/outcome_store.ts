/** Keeps the results of whole trainings, so that a comparison that was stopped resumes. */

import { fileURLToPath } from "node:url";
import { join } from "@std/path";
import { writeJsonAtomically } from "../../lib/platform/atomic_write.ts";

const folder = fileURLToPath(new URL("../../.cache/outcome", import.meta.url));

/** The two sides of the comparison. */
export type Side = "ours" | "nnunetv2";

/** A finished training. */
export interface FinishedTraining {
  readonly side: Side;
  readonly seed: number;
  /** Mean foreground Dice of the fold's cases. */
  readonly dice: number;
  readonly seconds: number;
  /** When it finished, in ISO 8601. */
  readonly date: string;
}

/** The finished trainings of one data set with the same settings. */
export class OutcomeStore {
  readonly #path: string;
  readonly #settings: string;
  readonly #earlier: readonly Stored[];
  #now: Stored[];

  private constructor(path: string, settings: string, all: readonly Stored[]) {
    this.#path = path;
    this.#settings = settings;
    this.#now = all.filter((one) => one.settings === settings);
    this.#earlier = all.filter((one) => one.settings !== settings);
  }

  /**
   * Opens the trainings of a data set.
   *
   * @param key Name of the data set.
   * @param settings All settings that change the result; trainings with others are ignored.
   * @param fresh Whether to forget the trainings with these settings.
   */
  static async open(key: string, settings: unknown, fresh: boolean): Promise<OutcomeStore> {
    const path = join(folder, `${key}.json`);
    const text = await Deno.readTextFile(path).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      return "[]";
    });
    const store = new OutcomeStore(path, JSON.stringify(settings), JSON.parse(text));
    if (fresh) store.#now = [];
    return store;
  }

  /** A finished training, if there is one. */
  find(side: Side, seed: number): FinishedTraining | undefined {
    return this.#now.find((one) => one.side === side && one.seed === seed);
  }

  /** Keeps a training. */
  async add(training: FinishedTraining): Promise<void> {
    this.#now.push({ ...training, settings: this.#settings });
    await writeJsonAtomically(this.#path, [...this.#earlier, ...this.#now]);
  }
}

interface Stored extends FinishedTraining {
  readonly settings: string;
}

/** Models of one engine that are run in turns. */

import type { Engine, LoadedModel } from "./engine.ts";
import type { SessionOptions } from "./session.ts";

/** A model's file and how it computes. */
export interface ModelFile {
  readonly model: Uint8Array;
  readonly options: SessionOptions;
}

/**
 * Models by name. A loaded model keeps the memory that its runs have needed, so large ones are
 * better loaded one at a time: each is loaded again when its turn comes.
 */
export class ModelSet<Name extends string> {
  readonly #engine: Engine;
  readonly #files: Readonly<Partial<Record<Name, ModelFile>>>;
  readonly #oneAtATime: boolean;
  readonly #loaded = new Map<Name, LoadedModel>();

  private constructor(
    engine: Engine,
    files: Readonly<Partial<Record<Name, ModelFile>>>,
    oneAtATime: boolean,
  ) {
    this.#engine = engine;
    this.#files = files;
    this.#oneAtATime = oneAtATime;
  }

  /** Loads every model once, to see that it is valid; the first one remains. */
  static async load<Name extends string>(
    engine: Engine,
    files: Readonly<Partial<Record<Name, ModelFile>>>,
    { oneAtATime = false } = {},
  ): Promise<ModelSet<Name>> {
    const set = new ModelSet(engine, files, oneAtATime);
    for (const name of Object.keys(files).reverse() as Name[]) await set.get(name);
    return set;
  }

  /**
   * A model ready to run; no run of another may be under way.
   *
   * @throws {RangeError} If there is none of the name.
   */
  async get(name: Name): Promise<LoadedModel> {
    const found = this.#loaded.get(name);
    if (found) return found;
    const file = this.#files[name];
    if (!file) throw new RangeError(`Cannot find model "${name}"`);
    if (this.#oneAtATime) {
      for (const [other, model] of this.#loaded) {
        await model.release();
        this.#loaded.delete(other);
      }
    }
    const loaded = await this.#engine.load(file.model, file.options);
    this.#loaded.set(name, loaded);
    return loaded;
  }
}

/** Loads models of one engine that run alternately. */

import type { Engine, LoadedModel } from "./engine.ts";
import type { SessionOptions } from "./session.ts";

/** An encoded model and the options of its session. */
export interface ModelFile {
  readonly model: Uint8Array;
  readonly options: SessionOptions;
}

/**
 * Models by name. A loaded model keeps the memory that its runs have needed, so large models are
 * better loaded one at a time, each again whenever it is used.
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

  /** Loads every model once to check that it is valid; the first one stays loaded. */
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
   * Returns a model, loading it if necessary. No other model of the set may be running.
   *
   * @throws {RangeError} If there is no model of this name.
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

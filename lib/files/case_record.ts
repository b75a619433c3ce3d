/**
 * Records which cases of a folder are finished and what made them, so that interrupted work resumes
 * case by case, and files made by something else are not taken for results.
 */

import { dirname, join, relative } from "../platform/paths.ts";
import { z } from "../packages/zod.ts";
import { writeJsonAtomically } from "../platform/atomic_write.ts";
import { fileInfo, readTextFile } from "../platform/files.ts";
import { parseJson } from "../untrusted/json_text.ts";

const caseSchema = z.object({
  /** What the case was made from. */
  from: z.string(),
  /** Sizes of its files in bytes, by their paths relative to the record's folder. */
  files: z.record(z.string(), z.number()),
});

const recordSchema = z.object({
  /** What made all cases, such as a model. */
  maker: z.string(),
  /** When everything was finished; absent before. */
  finished: z.string().optional(),
  cases: z.record(z.string(), caseSchema),
});

/** A record in a file. Files are written before their case is added. */
export class CaseRecord {
  readonly #path: string;
  readonly #maker: string;
  readonly #cases: Map<string, z.infer<typeof caseSchema>>;
  #finished: string | undefined;
  /** The last write: a later one must not be overtaken. */
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string, { maker, finished, cases }: z.infer<typeof recordSchema>) {
    this.#path = path;
    this.#maker = maker;
    this.#finished = finished;
    this.#cases = new Map(Object.entries(cases));
  }

  /**
   * Reads a record. One that is missing, damaged or of another maker counts as empty.
   *
   * @param path Path of the record, in or above the folder of the cases' files.
   * @param maker What makes the cases now.
   */
  static async open(path: string, maker: string): Promise<CaseRecord> {
    const found = await read(path);
    return new CaseRecord(path, found?.maker === maker ? found : { maker, cases: {} });
  }

  /** Returns whether a record says that everything was finished, whatever made it. */
  static async isFinished(path: string): Promise<boolean> {
    return (await read(path))?.finished !== undefined;
  }

  /** Whether everything was finished. */
  get isFinished(): boolean {
    return this.#finished !== undefined;
  }

  /** Returns whether a case was made from the same, and its files are as they were written. */
  async has(name: string, from: string): Promise<boolean> {
    const entry = this.#cases.get(name);
    if (entry?.from !== from) return false;
    for (const [file, size] of Object.entries(entry.files)) {
      if (await sizeOf(join(dirname(this.#path), file)) !== size) return false;
    }
    return true;
  }

  /**
   * Forgets all cases but those given, and writes the record. This comes before work on the others:
   * their files may be replaced at any time from then on.
   */
  async keep(names: readonly string[]): Promise<void> {
    const kept = new Set(names);
    for (const name of this.#cases.keys()) if (!kept.has(name)) this.#cases.delete(name);
    this.#finished = undefined;
    await this.#write();
  }

  /** Adds a finished case. @param files Paths of its files, which are complete. */
  async add(name: string, from: string, files: readonly string[]): Promise<void> {
    const sizes: Record<string, number> = {};
    for (const path of files) {
      sizes[relative(dirname(this.#path), path)] = (await fileInfo(path)).size;
    }
    this.#cases.set(name, { from, files: sizes });
    await this.#write();
  }

  /** Records that everything is finished. */
  async finish(): Promise<void> {
    this.#finished = new Date().toISOString();
    await this.#write();
  }

  #write(): Promise<void> {
    return this.#writing = this.#writing.then(() =>
      writeJsonAtomically(this.#path, {
        maker: this.#maker,
        finished: this.#finished,
        // In one order, however the work was interrupted.
        cases: Object.fromEntries([...this.#cases].sort(([a], [b]) => a < b ? -1 : 1)),
      })
    );
  }
}

async function read(path: string): Promise<z.infer<typeof recordSchema> | undefined> {
  try {
    return recordSchema.parse(parseJson(await readTextFile(path)));
  } catch {
    return undefined; // Missing or damaged: the cases are made again.
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await fileInfo(path)).size;
  } catch {
    return undefined;
  }
}

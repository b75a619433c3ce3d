/** Segments cases one after the other. */

import { MemoryError } from "../../memory/memory_error.ts";
import { reasonOf } from "../../options/reason_of.ts";
import type { Geometry } from "../../image/image.ts";
import { isOutOfMemory } from "../out_of_memory.ts";
import type { PageFacts, Segmenter, SegmentProgress } from "../segmenter.ts";
import type { PageScan } from "./find_scans.ts";
import type { CaseParts } from "./group_cases.ts";
import { type Answers, type Question, readCase } from "./read_case.ts";
import { describeCase, type SegmentedCase } from "./segmented_case.ts";

/** What the reader has to say before a case can be segmented. */
export type CaseQuestion = Question | { readonly kind: "channels" };

/** Where a case is on its way. */
export type CaseState =
  | { readonly kind: "asking"; readonly question: CaseQuestion }
  | { readonly kind: "waiting" }
  | { readonly kind: "reading" }
  | { readonly kind: "opening" }
  | ({ readonly kind: "segmenting" } & SegmentProgress)
  | { readonly kind: "done"; readonly result: SegmentedCase }
  | { readonly kind: "failed"; readonly message: string }
  | { readonly kind: "cancelled" };

/** A case of the queue. */
export interface QueuedCase {
  readonly name: string;
  /** One scan per channel, undefined where one is missing; or one with all channels. */
  parts: readonly (PageScan | undefined)[];
  readonly isUnordered: boolean;
  answers: Answers;
  state: CaseState;
}

/** What a queue works with. */
export interface CaseQueueOptions {
  readonly facts: PageFacts;
  /** Opens the model, once. It is called again if it failed. */
  readonly open: () => Promise<Segmenter>;
  /** Called when a case has been added, removed or changed. */
  readonly onChange: (changed?: QueuedCase) => void;
}

/** Cases in the order in which they were added. */
export class CaseQueue {
  readonly #options: CaseQueueOptions;
  readonly #cases: QueuedCase[] = [];
  readonly #cancels = new Map<QueuedCase, AbortController>();
  #segmenter?: Promise<Segmenter>;
  #isRunning = false;

  constructor(options: CaseQueueOptions) {
    this.#options = options;
  }

  get cases(): readonly QueuedCase[] {
    return this.#cases;
  }

  /**
   * Adds a case. Channels that an incomplete case of this name lacks are added to that case.
   *
   * @returns The case that was added or completed.
   */
  add({ name, parts, isUnordered = false }: CaseParts): QueuedCase {
    const incomplete = this.#cases.find((one) =>
      one.name === name && one.state.kind === "asking" && one.state.question.kind === "channels" &&
      !one.isUnordered && !isUnordered
    );
    if (incomplete) {
      this.setParts(incomplete, incomplete.parts.map((part, channel) => part ?? parts[channel]));
      if (isComplete(incomplete.parts)) this.start(incomplete);
      return incomplete;
    }
    const isReady = !isUnordered && isComplete(parts);
    const added: QueuedCase = {
      name,
      parts,
      isUnordered,
      answers: { series: new Map() },
      state: isReady ? { kind: "waiting" } : { kind: "asking", question: { kind: "channels" } },
    };
    this.#cases.push(added);
    this.#options.onChange(added);
    this.#run();
    return added;
  }

  /** Changes which scan is which channel of a case that asks for it. */
  setParts(one: QueuedCase, parts: readonly (PageScan | undefined)[]): void {
    one.parts = parts;
    this.#options.onChange(one);
  }

  /** Puts a case in the queue, after a question, a failure or a cancellation. */
  start(one: QueuedCase, answers: Answers = one.answers): void {
    one.answers = answers;
    this.#set(one, { kind: "waiting" });
    this.#run();
  }

  /** Stops the work on a case. The page shows that at once; the next case waits until the work has ended. */
  cancel(one: QueuedCase): void {
    this.#cancels.get(one)?.abort();
    this.#set(one, { kind: "cancelled" });
  }

  /** Removes a case, and stops the work on it. */
  remove(one: QueuedCase): void {
    this.#cancels.get(one)?.abort();
    this.#cases.splice(this.#cases.indexOf(one), 1);
    this.#options.onChange();
  }

  #set(one: QueuedCase, state: CaseState): void {
    one.state = state;
    this.#options.onChange(one);
  }

  async #run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      while (true) {
        const next = this.#cases.find(({ state }) => state.kind === "waiting");
        if (!next) return;
        await this.#work(next);
      }
    } finally {
      this.#isRunning = false;
    }
  }

  /** Works on a case; what it throws becomes the case's state. */
  async #work(one: QueuedCase): Promise<void> {
    const cancel = new AbortController();
    const { signal } = cancel;
    this.#cancels.set(one, cancel);
    // What a cancelled case still does is not shown.
    const set = (state: CaseState) => {
      if (!signal.aborted) this.#set(one, state);
    };
    try {
      set(await this.#segmented(one, signal, set));
    } catch (error) {
      set({ kind: "failed", message: messageOf(error) });
    } finally {
      if (this.#cancels.get(one) === cancel) this.#cancels.delete(one);
    }
  }

  /** Segments a case. Returns its last state. */
  async #segmented(
    one: QueuedCase,
    signal: AbortSignal,
    set: (state: CaseState) => void,
  ): Promise<CaseState> {
    const { facts } = this.#options;
    const started = performance.now();
    const warnings: string[] = [];
    set({ kind: "opening" });
    const segmenter = await this.#opened();
    signal.throwIfAborted();
    set({ kind: "reading" });
    const scan = await readCase(one.name, one.parts.filter((part) => part !== undefined), {
      facts,
      answers: one.answers,
      signal,
      onGrid: (geometry) => requireMemory(segmenter, one.name, geometry),
      onWarning: (message) => warnings.push(message),
    });
    if ("kind" in scan) return { kind: "asking", question: scan };
    set({ kind: "segmenting", share: 0, secondsLeft: NaN, what: "Segmenting" });
    const segmentation = await segmenter.segment(scan, {
      signal,
      onProgress: (progress) => set({ kind: "segmenting", ...progress }),
    });
    signal.throwIfAborted();
    const seconds = (performance.now() - started) / 1000;
    const result = await describeCase(one.name, scan, segmentation, facts, { seconds, warnings });
    return { kind: "done", result };
  }

  #opened(): Promise<Segmenter> {
    if (!this.#segmenter) {
      const opening = this.#options.open();
      this.#segmenter = opening;
      opening.catch(() => this.#segmenter = undefined);
    }
    return this.#segmenter;
  }
}

function isComplete(parts: readonly (PageScan | undefined)[]): boolean {
  return !parts.includes(undefined);
}

/** @throws {MemoryError} If a scan needs more memory than a page can have. */
async function requireMemory(
  segmenter: Segmenter,
  name: string,
  geometry: Geometry,
): Promise<void> {
  const { bytes, limit } = await segmenter.need(geometry);
  if (bytes <= limit) return;
  const share = Math.floor(100 * limit / bytes);
  throw new MemoryError(`Cannot segment ${name} in a page`, {
    what: "the scan",
    requiredBytes: bytes,
    availableBytes: limit,
    remedy: `crop it to less than ${share} % of its voxels, or use nnU-Net outside the browser`,
  });
}

/** The words for what went wrong. */
function messageOf(error: unknown): string {
  const message = reasonOf(error);
  return isOutOfMemory(message)
    ? "The memory that a page can have is too small for this scan. Close other tabs, crop the " +
      `scan, or use nnU-Net outside the browser (${message})`
    : message;
}

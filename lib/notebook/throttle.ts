/** Showing the newest of many values, not too often. */

/** Shows values one after another; of those that come faster than `interval`, the newest. */
export class Throttle<T> {
  readonly #show: (value: T) => Promise<unknown>;
  readonly #interval: number;
  #waiting: [T] | undefined;
  #working: Promise<void> | undefined;
  #failure: [unknown] | undefined;

  /** @param interval Milliseconds from the end of one showing to the start of the next. */
  constructor(show: (value: T) => Promise<unknown>, interval: number) {
    this.#show = show;
    this.#interval = interval;
  }

  /** Shows a value now, or as soon as its turn comes. */
  push(value: T): void {
    this.#waiting = [value];
    this.#working ??= this.#work();
  }

  /**
   * Waits until the newest value is shown; a cell ends with it, lest its output come too late.
   *
   * @throws What showing failed with.
   */
  async flush(): Promise<void> {
    await this.#working;
    if (!this.#failure) return;
    const [error] = this.#failure;
    this.#failure = undefined;
    throw error;
  }

  async #work(): Promise<void> {
    try {
      while (this.#waiting) {
        const [value] = this.#waiting;
        this.#waiting = undefined;
        await this.#show(value);
        await new Promise((resolve) => setTimeout(resolve, this.#interval));
      }
    } catch (error) {
      // Nobody waits for this before `flush`, and an error that nobody awaits ends the process.
      this.#failure = [error];
    } finally {
      this.#working = undefined;
    }
  }
}

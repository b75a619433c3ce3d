/** Limits how often values are shown. */

/** Shows values one at a time; of those pushed within an interval, only the latest. */
export class Throttle<T> {
  readonly #show: (value: T) => Promise<unknown>;
  readonly #interval: number;
  #waiting: [T] | undefined;
  #working: Promise<void> | undefined;
  #failure: [unknown] | undefined;

  /** @param interval Milliseconds between the end of one call of `show` and the next. */
  constructor(show: (value: T) => Promise<unknown>, interval: number) {
    this.#show = show;
    this.#interval = interval;
  }

  /** Shows a value now, or after the interval unless a newer one replaces it. */
  push(value: T): void {
    this.#waiting = [value];
    this.#working ??= this.#work();
  }

  /**
   * Waits until the latest value is shown. Call it at the end of a cell, so that the output appears
   * below that cell.
   *
   * @throws {Error} The error of `show`, if it failed.
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
      // Kept for `flush`: an unhandled rejection would end the process.
      this.#failure = [error];
    } finally {
      this.#working = undefined;
    }
  }
}

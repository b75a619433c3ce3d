/** Saves changes in the background, and reports when they are saved. */

/** Milliseconds after a change until it is saved, if no one waits for it. */
const DELAY = 300;

/** Calls a function that saves everything, never twice at a time. */
export class Saver {
  readonly #save: () => Promise<void>;
  #changes = 0;
  #saved = 0;
  #running: Promise<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param save Saves all changes made before its call. */
  constructor(save: () => Promise<void>) {
    this.#save = save;
  }

  /** Notes a change. */
  changed(): void {
    this.#changes++;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.saved().catch(() => {}); // Whoever waits for the next change gets the error.
    }, DELAY);
  }

  /** Waits until all changes made before the call are saved. @throws What saving throws. */
  async saved(): Promise<void> {
    const wanted = this.#changes;
    while (this.#saved < wanted) await (this.#running ??= this.#run());
  }

  async #run(): Promise<void> {
    const changes = this.#changes;
    try {
      await this.#save();
      this.#saved = changes;
    } finally {
      this.#running = undefined;
    }
  }
}

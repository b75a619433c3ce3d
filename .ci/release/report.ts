/** The steps of a release and how they went. */

/** Returns a step's result in a few words. @throws If the release cannot be made like this. */
export type Step = () => Promise<string>;

/** Reports each step on a line of its own. */
export class Report {
  #failures = 0;

  /** How many steps have failed. */
  get failures(): number {
    return this.#failures;
  }

  /**
   * Does a step. One that fails does not stop the others, so that a dry run shows everything.
   *
   * @returns Whether it succeeded.
   */
  async add(name: string, step: Step): Promise<boolean> {
    try {
      this.#print("✓", name, await step());
      return true;
    } catch (error) {
      this.#failures++;
      this.#print("✗", name, (error as Error).message);
      return false;
    }
  }

  /** Reports a step that is not done. */
  skip(name: string, reason: string): void {
    this.#print("–", name, `not done: ${reason}`);
  }

  #print(mark: string, name: string, text: string): void {
    console.log(`${mark} ${name.padEnd(10)} ${text.replaceAll("\n", "\n" + " ".repeat(13))}`);
  }
}

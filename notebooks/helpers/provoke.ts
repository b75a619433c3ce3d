/** Shows the messages of errors that are made on purpose. */

/**
 * Runs something that is expected to fail, and prints its error as the kernel would, without ending
 * the notebook's run.
 *
 * @throws {Error} If it succeeds.
 */
export async function provoke(action: () => unknown): Promise<void> {
  try {
    await action();
  } catch (error) {
    const { name, message } = error as Error;
    console.error(`${name}: ${message}`);
    return;
  }
  throw new Error("This was expected to fail, and did not");
}

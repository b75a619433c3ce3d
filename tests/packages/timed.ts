/** Prints how long the steps of a check take. */

/** Does a step, and prints its name and its time. */
export async function timed<T>(name: string, step: () => Promise<T>): Promise<T> {
  const begin = performance.now();
  const result = await step();
  console.log(`${name}: ${((performance.now() - begin) / 1000).toFixed(1)} s`);
  return result;
}

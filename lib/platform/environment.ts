/** Reads environment variables. */

/** Returns a variable; undefined if it is not set, or Deno may not read it. */
export function environmentVariable(name: string): string | undefined {
  try {
    return Deno.env.get(name);
  } catch {
    return undefined;
  }
}

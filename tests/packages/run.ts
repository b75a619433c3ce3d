/** Runs programs as a user does, and shows what they printed if they fail. */

/** Where and how to run a program. */
export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Seconds after which it is ended, 600 by default. */
  readonly seconds?: number;
}

/**
 * Runs a program.
 *
 * @returns What it printed to standard output.
 * @throws {Error} If it fails, with all that it printed.
 */
export async function run(
  program: string,
  args: readonly string[],
  { cwd, env, seconds = 600 }: RunOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    cwd,
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
    signal: AbortSignal.timeout(seconds * 1000),
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  if (code === 0) return out;
  throw new Error(`${program} ${args.join(" ")} ended with code ${code}:\n${out}\n${err}`);
}

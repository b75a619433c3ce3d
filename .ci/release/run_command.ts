/** Runs the programs that a release consists of. */

/** How to run a program. */
export interface RunOptions {
  readonly cwd: string;
  /** Whether its output is shown while it runs; otherwise only its end, if it fails. */
  readonly show?: boolean;
}

/**
 * Runs a program.
 *
 * @returns What it prints, without blanks at its ends; nothing if it is shown.
 * @throws {Error} If it cannot be started or fails, with the end of what it printed.
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  { cwd, show = false }: RunOptions,
): Promise<string> {
  const stream = show ? "inherit" : "piped";
  const called = [command === Deno.execPath() ? "deno" : command, ...args].join(" ");
  let output: Deno.CommandOutput;
  try {
    output = await new Deno.Command(command, {
      args: [...args],
      cwd,
      stdin: "null",
      stdout: stream,
      stderr: stream,
      env: { NO_COLOR: "1" },
    }).output();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw new Error(`${command} is not on the PATH`);
    throw error;
  }
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  if (output.success) return show ? "" : text(output.stdout);
  const end = show ? [] : [text(output.stderr), text(output.stdout)].join("\n").trim().split("\n");
  throw new Error([`${called} exited with ${output.code}`, ...end.slice(-15)].join("\n"));
}

/**
 * Virtual environments for the Python programs beside this project: Jupyter, and what benchmarks and
 * parity checks compare with.
 */

import { fileURLToPath } from "node:url";
import { join } from "@std/path";

const environments = fileURLToPath(new URL("../.venv", import.meta.url));

/** There is no Python on this machine. */
export class NoPythonError extends Error {
  constructor() {
    super(
      "Cannot find Python: expected python3, version 3.11 or newer, on the PATH",
    );
  }
}

/**
 * A Python with given packages, in `.venv/NAME` of the project; made at the first call, which takes
 * minutes and says so, and again when the requirements change.
 *
 * @param name Of the environment.
 * @param requirements One list of pinned requirements a call of pip, in order.
 * @returns Path of its `python`.
 * @throws {NoPythonError} If there is no Python.
 * @throws {Error} If pip fails.
 */
export async function ensurePythonEnvironment(
  name: string,
  requirements: readonly (readonly string[])[],
): Promise<string> {
  const { folder, python, receipt } = environmentNamed(name);
  if (await hasPythonEnvironment(name, requirements)) return python;

  console.error(`Installing ${requirements.flat().join(", ")} into ${folder}`);
  // Not `venv --clear`: where the folder is a link, that would empty what it leads to.
  await Deno.remove(folder, { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
  await run(await findPython(), ["-m", "venv", folder]);
  for (const packages of requirements) {
    await run(python, [
      "-m",
      "pip",
      "install",
      "--quiet",
      "--disable-pip-version-check",
      ...packages,
    ]);
  }
  await Deno.writeTextFile(receipt, JSON.stringify(requirements));
  return python;
}

/** Whether {@link ensurePythonEnvironment} would have nothing to do. */
export async function hasPythonEnvironment(
  name: string,
  requirements: readonly (readonly string[])[],
): Promise<boolean> {
  const installed = await Deno.readTextFile(environmentNamed(name).receipt).catch(() => undefined);
  return installed === JSON.stringify(requirements);
}

function environmentNamed(name: string) {
  const folder = join(environments, name);
  return {
    folder,
    python: Deno.build.os === "windows"
      ? join(folder, "Scripts", "python.exe")
      : join(folder, "bin", "python"),
    // Written last, so that an environment that has it is complete.
    receipt: join(folder, "requirements.json"),
  };
}

/**
 * Where the Python on the PATH is installed, or the virtual environment it belongs to.
 *
 * @throws {NoPythonError} If there is no Python.
 */
export async function pythonPrefix(): Promise<string> {
  const { stdout } = await new Deno.Command(await findPython(), {
    args: ["-c", "import sys; print(sys.prefix, end='')"],
  }).output();
  return new TextDecoder().decode(stdout);
}

async function findPython(): Promise<string> {
  for (const command of ["python3", "python"]) {
    try {
      const { success } = await new Deno.Command(command, { args: ["--version"], stdout: "null" })
        .output();
      if (success) return command;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  throw new NoPythonError();
}

async function run(command: string, args: readonly string[]) {
  const { success, code } = await new Deno.Command(command, {
    args: [...args],
    stdout: "inherit",
    stderr: "inherit",
  }).output();
  if (!success) {
    throw new Error(
      `Cannot install Python packages: ${command} ${
        args.join(" ")
      } exited with ${code}, expected 0`,
    );
  }
}

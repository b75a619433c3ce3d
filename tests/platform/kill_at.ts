/** Runs code in a process that kills itself before one of its file operations. */

/** Names of the operations of `Deno` before which a process can be killed. */
const operations = [
  "open",
  "openSync",
  "mkdir",
  "remove",
  "removeSync",
  "rename",
  "renameSync",
  "writeFile",
  "writeTextFile",
  "copyFile",
  "makeTempDir",
  "makeTempFileSync",
] as const;

/**
 * Runs a module's code and kills the process right before its n-th file operation.
 *
 * @param code A TypeScript module; addresses of modules that it imports have to be absolute.
 * @param n From 1.
 * @returns Whether the process was killed, rather than ending first.
 */
export async function killAt(code: string, n: number): Promise<boolean> {
  const prelude = `
    let count = 0;
    for (const name of ${JSON.stringify(operations)}) {
      const original = Deno[name];
      Deno[name] = (...args) => {
        if (++count === ${n}) Deno.kill(Deno.pid, "SIGKILL");
        return original(...args);
      };
    }
  `;
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "--no-check", "--ext=ts", "-"],
    stdin: "piped",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const input = process.stdin.getWriter();
  // Imports are hoisted, so what they do while loading is not counted.
  await input.write(new TextEncoder().encode(prelude + code));
  await input.close();
  const { success, signal, stderr } = await process.output();
  if (signal === "SIGKILL") return true;
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return false;
}

/** Tests interrupts outside kernels; `tests/notebook/lab_test.ts` tests the stop button. */

import assert from "node:assert/strict";

const module = JSON.stringify(new URL("../../lib/notebook/interrupt.ts", import.meta.url));

/** Runs a program and returns its exit code, signal and output. */
async function run(program: string) {
  const { code, signal, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", `import { interruptible, surviveInterrupts } from ${module};\n${program}`],
    stderr: "null",
  }).output();
  return { code, signal, said: new TextDecoder().decode(stdout) };
}

const wait = "await new Promise((resolve) => setTimeout(resolve, 50));";
const interrupt = `Deno.kill(Deno.pid, "SIGINT"); ${wait}`;

Deno.test("interruptible() leaves programs outside notebooks alone", async () => {
  assert.deepEqual(await run("console.log(interruptible().aborted);"), {
    code: 0,
    signal: null,
    said: "false\n",
  });
  assert.equal((await run(`interruptible(); ${interrupt}`)).signal, "SIGINT");
});

Deno.test("surviveInterrupts() aborts the current signal and creates a new one", async () => {
  const { said } = await run(`
    surviveInterrupts();
    const first = interruptible();
    ${interrupt}
    console.log(first.aborted, String(first.reason), interruptible().aborted);
    Deno.exit();
  `);
  assert.equal(
    said,
    "true Interrupted: The cell was stopped; the kernel and its state are kept false\n",
  );
});

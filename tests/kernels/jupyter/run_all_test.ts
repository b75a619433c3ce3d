/** Tests "Run All" in JupyterLab: with an error, a stop and a restart in the middle. */

import assert from "node:assert/strict";
import { keepScreenshot } from "../../browser/browser.ts";
import { type LabNotebook, testInLab, withLab } from "./lab_page.ts";

const failing = [
  `console.log("one")`,
  `for (let i = 0; i < 20; i++) console.log("two", i)`,
  `const three = 3; console.log("three"); throw new Error("three fails")`,
  `console.log("four")`,
  `console.log("five")`,
];

const stopped = [
  `console.log("one")`,
  `import { interruptible } from "nnunet/notebook";
console.log("two");
const { promise, reject } = Promise.withResolvers();
const signal = interruptible();
signal.addEventListener("abort", () => reject(signal.reason));
await promise;`,
  `console.log("three")`,
];

const restarted = [
  `const first = 1; first`,
  `console.log("working"); await new Promise(() => {}, first)`,
  `console.log("never")`,
  `console.log(first)`,
];

testInLab("Run All in JupyterLab ends at an error, a stop and a restart", async () => {
  const root = await Deno.makeTempDir();
  try {
    await withLab(root, { failing, stopped, restarted }, async (open) => {
      await endsAtError(await open("failing"));
      await endsWhenStopped(await open("stopped"));
      await endsAtRestart(await open("restarted"));
    });
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

async function endsAtError(notebook: LabNotebook) {
  await notebook.choose("Run", "Run All Cells");
  await notebook.output(2).filter({ hasText: "three fails" }).waitFor();
  await assertPrompts(notebook, "[1]:", "[2]:", "[3]:", "[ ]:", "[ ]:");
  assert.equal(await textOf(notebook, 0), "one");
  assert.equal(
    await textOf(notebook, 1),
    Array.from({ length: 20 }, (_, i) => `two ${i}`).join("\n"),
  );
  assert.match(await textOf(notebook, 2), /^three\n/);
  await keepScreenshot(notebook.page, "run_all_error");

  // The kernel goes on.
  await notebook.run(4);
  await notebook.output(4).filter({ hasText: "five" }).waitFor();
  await assertPrompts(notebook, "[1]:", "[2]:", "[3]:", "[ ]:", "[4]:");
}

async function endsWhenStopped(notebook: LabNotebook) {
  await notebook.choose("Run", "Run All Cells");
  await notebook.output(1).filter({ hasText: "two" }).waitFor();
  await notebook.stop();
  await notebook.output(1).filter({ hasText: "The cell was stopped" }).waitFor();
  await assertPrompts(notebook, "[1]:", "[2]:", "[ ]:");
  assert.equal(await notebook.output(2).count(), 0);
  await keepScreenshot(notebook.page, "run_all_stopped");
}

async function endsAtRestart(notebook: LabNotebook) {
  const { page } = notebook;
  await notebook.choose("Run", "Run All Cells");
  await notebook.output(1).filter({ hasText: "working" }).waitFor();
  await notebook.choose("Kernel", "Restart Kernel…");
  await page.locator(".jp-Dialog .jp-mod-accept").click();
  await assertPrompts(notebook, "[1]:", "[ ]:", "[ ]:", "[ ]:");
  await notebook.run(3);
  await notebook.output(3).filter({ hasText: "Run the cell with this line first: const first = 1" })
    .waitFor();
  await assertPrompts(notebook, "[1]:", "[ ]:", "[ ]:", "[1]:");
  await keepScreenshot(page, "run_all_restarted");
}

async function assertPrompts({ prompt }: LabNotebook, ...expected: string[]) {
  for (const [cell, text] of expected.entries()) {
    await prompt(cell).filter({ hasText: text.replace(" ", "\u00a0") }).or(
      prompt(cell).filter({ hasText: text }),
    ).first().waitFor();
  }
}

async function textOf({ output }: LabNotebook, cell: number): Promise<string> {
  return (await output(cell).allTextContents()).join("").trim();
}

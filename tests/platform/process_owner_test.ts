import assert from "node:assert/strict";
import {
  ownerToken,
  parseOwnerToken,
  processState,
  thisProcess,
} from "../../lib/platform/process_owner.ts";

const module = import.meta.resolve("../../lib/platform/process_owner.ts");

/** Starts a process that prints its token and waits. */
async function startOther(permissions: readonly string[]) {
  const code = `import { ownerToken, thisProcess } from ${JSON.stringify(module)};
    console.log(ownerToken(thisProcess()));
    await new Promise((resolve) => setTimeout(resolve, 60_000));`;
  const other = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", ...permissions, "--ext=ts", "-"],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const input = other.stdin.getWriter();
  await input.write(new TextEncoder().encode(code));
  await input.close();
  const output = other.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value } = await output.read();
  return {
    owner: parseOwnerToken(value!.trim())!,
    async [Symbol.asyncDispose]() {
      other.kill("SIGKILL");
      await other.status;
      await output.cancel();
    },
  };
}

Deno.test("processState() knows the current process, in its threads too", () => {
  assert.equal(processState(thisProcess()), "this");
  assert.deepEqual(parseOwnerToken(ownerToken(thisProcess())), thisProcess());
  assert.ok(ownerToken({ ...thisProcess(), pid: 2 ** 22, start: 1e12 }).length <= 45);
});

for (const permissions of [["-A"], ["--allow-sys"]]) {
  Deno.test(`processState() finds out that a process with ${permissions} has ended`, async () => {
    let left;
    {
      await using other = await startOther(permissions);
      left = other.owner;
      assert.equal(processState(left), "alive");
      // The number of another process that ran before.
      const reused = { ...left, start: 1 };
      assert.equal(processState(reused), Deno.build.os === "linux" ? "ended" : "alive");
    }
    assert.equal(processState(left), "ended");
  });
}

Deno.test("processState() does not judge processes of other machines and containers", () => {
  const self = thisProcess();
  assert.equal(processState({ ...self, machine: "00000000" }), "elsewhere");
  if (self.boot !== "0") {
    assert.equal(processState({ ...self, boot: "00000000" }), "elsewhere");
  }
  // A process that could not read its boot.
  assert.equal(processState({ ...self, boot: "0", start: 0 }), "this");
});

Deno.test("parseOwnerToken() rejects other text", () => {
  for (const text of ["", "a-b-c-d", "0123456789-0-1-1", `${ownerToken(thisProcess())}.`]) {
    assert.equal(parseOwnerToken(text), undefined);
  }
});

import assert from "node:assert/strict";
import fc from "fast-check";
import { shellLine, shellWords } from "../../lib/options/shell_quoted.ts";

Deno.test("shellWords() reads what shellLine() writes", () => {
  fc.assert(fc.property(fc.array(fc.string({ minLength: 1 })), (words) => {
    assert.deepEqual(shellWords(shellLine(words)), words);
  }));
});

Deno.test("a shell reads what shellLine() writes", async () => {
  const words = ["my scans", "it's", '"', "$HOME", "`id`", "a\\b", "-p", "é", "*"];
  const { stdout } = await new Deno.Command("sh", {
    args: ["-c", `printf '%s\\n' ${shellLine(words)}`],
  }).output();
  assert.deepEqual(new TextDecoder().decode(stdout).trimEnd().split("\n"), words);
});

Deno.test("shellWords() splits at spaces outside of quotes, and refuses an open quote", () => {
  assert.deepEqual(shellWords(`  -p  gpu --x="a b"'c d'\\ e `), ["-p", "gpu", "--x=a bc d e"]);
  assert.deepEqual(shellWords(""), []);
  assert.throws(() => shellWords("-A 'lab"), /Cannot split 'lab: a quote is not closed/);
});

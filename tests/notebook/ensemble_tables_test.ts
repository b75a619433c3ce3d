import assert from "node:assert/strict";
import type { BestConfiguration, Candidate } from "nnunet";
import { decisionTable, pairsTable, votingTable } from "../../lib/notebook/mod.ts";

const candidate = (score: number, ...models: string[]): Candidate => ({
  name: models.join(),
  models: models.map((model) => `results/nnUNetTrainer__nnUNetPlans__${model}`),
  folder: "",
  score,
});

const candidates = [
  candidate(0.7, "2d"),
  candidate(0.75, "3d_lowres"),
  candidate(0.8, "3d_fullres"),
  candidate(0.78, "2d", "3d_lowres"),
  candidate(0.83, "2d", "3d_fullres"),
  candidate(0.81, "3d_lowres", "3d_fullres"),
];

const overlap = {
  dice: 0.83,
  iou: 0,
  truePositives: 0,
  falsePositives: 0,
  falseNegatives: 0,
  trueNegatives: 0,
  predicted: 0,
  reference: 0,
};
const summary = { labels: [1, 2], cases: [], mean: [overlap, overlap], foregroundMean: overlap };

const found = (
  all: readonly Candidate[],
  steps: BestConfiguration["postprocessing"]["steps"] = [],
) => ({
  candidates: all,
  best: all.reduce((best, each) => each.score > best.score ? each : best),
  postprocessing: {
    steps,
    before: summary,
    after: { ...summary, foregroundMean: { ...overlap, dice: 0.84 } },
  },
});

const rowsOf = (...args: Parameters<typeof decisionTable>) =>
  decisionTable(...args).text.split("\n");

Deno.test("pairsTable() shows every pair twice and every model alone on the diagonal", () => {
  const [head, ...rows] = pairsTable([
    ...candidates,
    candidate(0.9, "2d", "3d_lowres", "3d_fullres"),
  ])
    .text.split("\n");
  assert.match(head, /^with … +2d +3d_lowres +3d_fullres$/);
  assert.deepEqual(rows.map((row) => row.split(/ +/)), [
    ["2d", "0.7000", "0.7800", "0.8300"],
    ["3d_lowres", "0.7800", "0.7500", "0.8100"],
    ["3d_fullres", "0.8300", "0.8100", "0.8000"],
  ]);
});

Deno.test("pairsTable() shows dashes if no pair was tried", () => {
  assert.match(pairsTable(candidates.slice(0, 2)).text, /2d +0\.7000 +–\n/);
});

Deno.test("decisionTable() says which model, whether a pair, and whether to postprocess", () => {
  const { text } = decisionTable(found(candidates), ["liver", "tumour"]);
  assert.match(text, /Which model is best alone\? +3d_fullres +3d_fullres 0\.8000\n/);
  assert.match(
    text,
    /Is a pair better\? +yes, 2d \+ 3d_fullres +2d \+ 3d_fullres 0\.8300, 0\.0300 above the best single/,
  );
  assert.doesNotMatch(text, /more than two/);
  assert.match(text, /largest piece of a class\? +no +no class rises by it; .* 0\.8300\n/);
  assert.match(text, /predicted by +2d \+ 3d_fullres +without postprocessing$/);
});

Deno.test("decisionTable() prefers the simpler of equal ones, and says so", () => {
  const { text } = decisionTable(
    found([candidate(0.8, "2d"), candidate(0.7, "3d"), candidate(0.8, "2d", "3d")]),
    [],
  );
  assert.match(
    text,
    /Is a pair better\? +no +2d \+ 3d 0\.8000, as good as the best single model, /,
  );
  assert.match(text, /predicted by +2d +without/);
});

Deno.test("decisionTable() compares larger ensembles with the best so far", () => {
  const three = candidate(0.82, "2d", "3d_lowres", "3d_fullres");
  const rows = rowsOf(found([...candidates, three]), ["liver", "tumour"]);
  const row = rows.find((each) => each.startsWith("Are more than two better?"))!;
  assert.match(row, /no +2d \+ 3d_lowres \+ 3d_fullres 0\.8200, 0\.0100 below the best so far$/);
});

Deno.test("decisionTable() names the classes that are cleaned", () => {
  const { text } = decisionTable(found(candidates, [{ keepLargest: [1, 2] }, { keepLargest: 2 }]), [
    "liver",
    "tumour",
  ]);
  assert.match(
    text,
    /yes, of all foreground together, tumour +the mean goes from 0\.8300 to 0\.8400\n/,
  );
  assert.match(text, / with postprocessing$/);
});

Deno.test("votingTable() decides as ensembles do", () => {
  const rows = votingTable({
    a: [0.1, 0.8, 0.1],
    b: [0.3, 0.1, 0.6],
    c: [0.3, 0.1, 0.6],
  }, ["none", "gray", "white"]).text.split("\n");
  assert.match(rows[1], /^a +10 % +80 % +10 % +gray$/);
  assert.match(rows[4], /^soft: .* 23 % +33 % +43 % +white$/);
  assert.match(rows[5], /^hard: .* 0 votes +1 vote +2 votes +white$/);
  assert.match(rows[6], /^max: .* 30 % +80 % +60 % +gray$/);
});

Deno.test("votingTable() rejects members with other numbers of classes", () => {
  assert.throws(() => votingTable({ a: [0.5, 0.5], b: [1] }, ["none", "gray"]), {
    name: "RangeError",
    message:
      "Cannot show a vote: found 2, 1 probabilities, expected 2 for each of at least one model",
  });
  assert.throws(() => votingTable({}, ["none"]), /found no probabilities/);
});

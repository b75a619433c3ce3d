/** Makes tables of how the best model or pair was found, and of how models vote. */

import type { BestConfiguration, Candidate } from "../ensembling/find_best_configuration.ts";
import { beginVote, type Voting } from "../ensembling/voting.ts";
import type { PostprocessingDecision } from "../files/postprocessing.ts";
import type { Output } from "./output.ts";
import { configurationOf, type RankedModels, table, type TableCell } from "./table.ts";

/**
 * Makes a table with one row and one column per model: on the diagonal the model alone, elsewhere
 * the pair.
 *
 * @param candidates Single models and pairs; larger ensembles are left out.
 * @returns The output.
 *
 * @example
 * ```ts
 * import { pairsTable } from "nnunet/notebook";
 * import assert from "node:assert/strict";
 *
 * const { text } = pairsTable([
 *   { models: ["2d"], score: 0.7 },
 *   { models: ["3d"], score: 0.75 },
 *   { models: ["2d", "3d"], score: 0.8 },
 * ]);
 * assert.match(text, /2d +0\.7000 +0\.8000\n3d +0\.8000 +0\.7500$/);
 * ```
 */
export function pairsTable(candidates: readonly RankedModels[]): Output {
  const alone = candidates.filter(({ models }) => models.length === 1)
    .map(({ models: [model] }) => model);
  const scoreOf = (a: string, b: string) =>
    candidates.find(({ models }) =>
      models.length === (a === b ? 1 : 2) && models.includes(a) && models.includes(b)
    )?.score ?? NaN;
  return table(
    ["with …", ...alone.map(configurationOf)],
    alone.map((model) => [
      configurationOf(model),
      ...alone.map((other) => scoreOf(model, other)),
    ]),
    { title: "Pairs", digits: 4 },
  );
}

/**
 * Says in plain words how the best model or ensemble was chosen: question, answer and numbers.
 *
 * @param found The choice, such as `ensembler.found`.
 * @param classNames One name per label or region that was scored.
 * @returns The output.
 *
 * @example
 * ```ts ignore
 * import { decisionTable } from "nnunet/notebook";
 *
 * decisionTable(ensembler.found, ["oedema", "core"]);
 * ```
 */
export function decisionTable(
  { candidates, best, postprocessing }: Omit<BestConfiguration, "postprocessingFile">,
  classNames: readonly string[],
): Output {
  const ofSize = (isRight: (size: number) => boolean) =>
    candidates.filter(({ models, score }) => isRight(models.length) && !Number.isNaN(score))
      .toSorted((a, b) => b.score - a.score);
  const singles = ofSize((size) => size === 1);
  const pairs = ofSize((size) => size === 2);
  const larger = ofSize((size) => size > 2);
  const [single] = singles;
  const rows: TableCell[][] = [[
    "Which model is best alone?",
    nameOf(single),
    singles.map((each) => `${nameOf(each)} ${score(each.score)}`).join("\n"),
  ]];
  if (pairs.length > 0) {
    rows.push(["Is a pair better?", ...answer(pairs, single, "best single model")]);
  }
  if (larger.length > 0) {
    const before = pairs[0] && pairs[0].score > single.score ? pairs[0] : single;
    rows.push(["Are more than two better?", ...answer(larger, before, "best so far")]);
  }
  const clean = postprocessingAnswer(postprocessing, classNames);
  rows.push(["Does it help to keep only the largest piece of a class?", ...clean]);
  rows.push([
    "So new scans are predicted by",
    nameOf(best),
    postprocessing.steps.length === 0 ? "without postprocessing" : "with postprocessing",
  ]);
  return table(["question", "answer", "because (mean Dice)"], rows, {
    title: "Decision",
    bold: (row) => row === rows.length - 1,
  });
}

/** Whether the best of some candidates beats another one. */
function answer(ranked: readonly Candidate[], rival: Candidate, title: string): string[] {
  const [first] = ranked;
  const difference = first.score - rival.score;
  const size = Math.abs(difference).toFixed(4);
  const than = difference > 0
    ? `${size} above the ${title}`
    : difference < 0
    ? `${size} below the ${title}`
    : `as good as the ${title}, which is simpler`;
  return [
    difference > 0 ? `yes, ${nameOf(first)}` : "no",
    `${nameOf(first)} ${score(first.score)}, ${than}`,
  ];
}

function postprocessingAnswer(
  { steps, before, after }: PostprocessingDecision,
  classNames: readonly string[],
): string[] {
  if (steps.length === 0) {
    return ["no", `no class rises by it; the mean stays at ${score(before.foregroundMean.dice)}`];
  }
  const of = steps.map(({ keepLargest }) => {
    const index = before.labels.findIndex((label) => `${label}` === `${keepLargest}`);
    return index === -1 ? "all foreground together" : classNames[index];
  });
  return [
    `yes, of ${of.join(", ")}`,
    `the mean goes from ${score(before.foregroundMean.dice)} to ${
      score(after.foregroundMean.dice)
    }`,
  ];
}

function nameOf({ models }: RankedModels): string {
  return models.map(configurationOf).join(" + ");
}

function score(value: number): string {
  return value.toFixed(4);
}

/** What each way of voting computes from the members' probabilities. */
const ways: Readonly<Record<Voting, string>> = {
  soft: "soft: the mean",
  hard: "hard: count the votes",
  max: "max: the surest member",
};

/**
 * Shows how models vote on one voxel: each one's probabilities and its choice, and what the ensemble
 * decides in each way of voting.
 *
 * @param members Probabilities of the classes by the name of the model.
 * @param classNames One name per class, background first.
 * @returns The output.
 * @throws {RangeError} If there is no model, or the numbers of probabilities and classes differ.
 *
 * @example Two models that would rather have a lesion outvote one that is sure of there being none
 * ```ts
 * import { votingTable } from "nnunet/notebook";
 * import assert from "node:assert/strict";
 *
 * const { text } = votingTable(
 *   { a: [0.9, 0.1], b: [0.45, 0.55], c: [0.45, 0.55] },
 *   ["background", "lesion"],
 * );
 * assert.match(text, /hard: .* lesion$/m);
 * assert.match(text, /soft: .* background$/m);
 * ```
 */
export function votingTable(
  members: Readonly<Record<string, readonly number[]>>,
  classNames: readonly string[],
): Output {
  const all = Object.values(members);
  if (all.length === 0 || all.some(({ length }) => length !== classNames.length)) {
    throw new RangeError(
      `Cannot show a vote: found ${all.map(({ length }) => length).join(", ") || "no"} ` +
        `probabilities, expected ${classNames.length} for each of at least one model`,
    );
  }
  const percent = (value: number) => `${Math.round(100 * value)} %`;
  const choice = (values: readonly number[]) => values.indexOf(Math.max(...values));
  const votes = classNames.map((_, head) => all.filter((each) => choice(each) === head).length);
  const evidence: Readonly<Record<Voting, readonly string[]>> = {
    soft: classNames.map((_, head) => percent(mean(all.map((each) => each[head])))),
    hard: votes.map((count) => count === 1 ? "1 vote" : `${count} votes`),
    max: classNames.map((_, head) => percent(Math.max(...all.map((each) => each[head])))),
  };
  return table(
    ["", ...classNames, "choice"],
    [
      ...Object.entries(members).map(([name, values]) => [
        name,
        ...values.map(percent),
        classNames[choice(values)],
      ]),
      ...(Object.keys(ways) as Voting[]).map((voting) => [
        ways[voting],
        ...evidence[voting],
        classNames[decide(all, voting)],
      ]),
    ],
    { title: "Voting", bold: (row) => row >= all.length },
  );
}

/** Votes on one voxel as the ensembles do. */
function decide(members: readonly (readonly number[])[], voting: Voting): number {
  const heads = members[0].length;
  const vote = beginVote(1, { count: heads }, voting, members.length);
  for (let head = 0; head < heads; head++) {
    vote.take(head, 0, members.map((each) => Float32Array.of(each[head])));
  }
  return vote.labels[0];
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

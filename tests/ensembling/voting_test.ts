import assert from "node:assert/strict";
import fc from "fast-check";
import { Vote, type Voting } from "../../lib/ensembling/voting.ts";
import type { Heads } from "../../lib/model/heads.ts";
import { regionsAs } from "../model/regions.ts";

/** Probabilities of one voxel, (members, heads). */
function voteOnOne(members: readonly (readonly number[])[], standFor: Heads, voting: Voting) {
  const vote = new Vote(1, standFor, voting);
  const heads = members[0].map((_, head) => () =>
    members.map((each) => Float32Array.of(each[head]))
  );
  let merged = heads.map((read, head) => vote.take(head, 0, read())[0]);
  if (vote.hasDeciders) merged = heads.map((read) => vote.decided(0, read())[0]);
  return { label: vote.labels[0], merged };
}

const asFloat32 = (values: readonly number[]) => [...Float32Array.from(values)];

Deno.test("Vote: two uncertain members outvote a confident one in soft but not in hard voting", () => {
  const members = [[0.1, 0.8, 0.1], [0.3, 0.1, 0.6], [0.3, 0.1, 0.6]];
  const soft = voteOnOne(members, { count: 3 }, "soft");
  assert.equal(soft.label, 2); // 0.433 against 0.333
  const hard = voteOnOne(members, { count: 3 }, "hard");
  assert.equal(hard.label, 1); // 0.8 against 0.6
  assert.deepEqual(hard.merged, asFloat32(members[0]));
});

Deno.test("Vote: for regions, hard voting selects the probability farthest from one half", () => {
  const heads = { count: 2, regions: regionsAs(7, 9) };
  const members = [[0.9, 0.45], [0.25, 0.5], [0.25, 0.7]];
  assert.deepEqual(voteOnOne(members, heads, "soft").label, 9); // Means 0.467 and 0.55.
  assert.deepEqual(voteOnOne(members, heads, "hard"), {
    label: 9,
    merged: asFloat32([0.9, 0.7]),
  });
  const one = members.map(([first, second]) => [second, first]);
  assert.equal(voteOnOne(one, heads, "soft").label, 7);
  assert.equal(voteOnOne(one, heads, "hard").label, 9);
});

Deno.test("Vote: regions above one half are written in order", () => {
  const heads = { count: 3, regions: regionsAs(1, 2, 300) };
  assert.equal(voteOnOne([[0.9, 0.6, 0.5]], heads, "soft").label, 2);
  assert.equal(voteOnOne([[0.9, 0.6, 0.51]], heads, "soft").label, 300);
  assert.equal(voteOnOne([[0.5, 0.5, 0.5]], heads, "soft").label, 0);
});

Deno.test("Vote: the first head wins among equal probabilities", () => {
  for (const voting of ["soft", "hard"] as const) {
    assert.equal(voteOnOne([[0.5, 0.5], [0.5, 0.5]], { count: 2 }, voting).label, 0);
  }
});

Deno.test("Vote: both kinds return the members' result if they agree", () => {
  const probabilities = fc.array(fc.float({ min: 0, max: 1, noNaN: true }), {
    minLength: 2,
    maxLength: 5,
  });
  fc.assert(fc.property(probabilities, fc.integer({ min: 1, max: 2 }), (said, log) => {
    const members = Array.from({ length: 2 ** log }, () => said);
    for (const voting of ["soft", "hard"] as const) {
      const { label, merged } = voteOnOne(members, { count: said.length }, voting);
      assert.equal(label, said.indexOf(Math.max(...said)));
      assert.deepEqual(merged, said);
    }
  }));
});

Deno.test("Vote: in hard voting, the first of equally confident members decides", () => {
  const members = [[0.3, 0.1, 0.6], [0.1, 0.3, 0.6], [0.2, 0.2, 0.6]];
  assert.deepEqual(voteOnOne(members, { count: 3 }, "hard"), {
    label: 2,
    merged: asFloat32(members[0]),
  });
  const regions = { count: 1, regions: regionsAs(4) };
  assert.equal(voteOnOne([[0.75], [0.25]], regions, "hard").label, 4);
  assert.equal(voteOnOne([[0.25], [0.75]], regions, "hard").label, 0);
});

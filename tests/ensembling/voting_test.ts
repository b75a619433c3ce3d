import assert from "node:assert/strict";
import fc from "fast-check";
import { beginVote, type Voting } from "../../lib/ensembling/voting.ts";
import type { Heads } from "../../lib/model/heads.ts";
import { regionsAs } from "../model/regions.ts";

/** Probabilities of one voxel, (members, heads). */
function voteOnOne(members: readonly (readonly number[])[], standFor: Heads, voting: Voting) {
  const vote = beginVote(1, standFor, voting, members.length);
  const heads = members[0].map((_, head) => () =>
    members.map((each) => Float32Array.of(each[head]))
  );
  let merged = heads.map((read, head) => vote.take(head, 0, read())[0]);
  if (vote.needsSecondPass) merged = heads.map((read) => vote.decided(0, read())[0]);
  return { label: vote.labels[0], merged };
}

const votings = ["soft", "hard", "max"] as const;

const asFloat32 = (values: readonly number[]) => [...Float32Array.from(values)];

/** Two of three members would rather have 2, the first is sure of 1. */
const sureOfOne = [[0.1, 0.8, 0.1], [0.3, 0.1, 0.6], [0.3, 0.1, 0.6]];

Deno.test("a vote: two uncertain members outvote a confident one unless the maximum decides", () => {
  assert.equal(voteOnOne(sureOfOne, { count: 3 }, "soft").label, 2); // 0.433 against 0.333
  assert.deepEqual(voteOnOne(sureOfOne, { count: 3 }, "hard"), {
    label: 2,
    merged: asFloat32(sureOfOne[1]),
  });
  assert.deepEqual(voteOnOne(sureOfOne, { count: 3 }, "max"), {
    label: 1,
    merged: asFloat32(sureOfOne[0]),
  });
});

Deno.test("a vote: hard voting ignores how sure members are, which soft voting weighs", () => {
  const members = [[0.45, 0.55], [0.45, 0.55], [0.9, 0.1]];
  assert.equal(voteOnOne(members, { count: 2 }, "soft").label, 0);
  assert.deepEqual(voteOnOne(members, { count: 2 }, "hard"), {
    label: 1,
    merged: asFloat32([0.45, 0.55]),
  });
});

Deno.test("a hard vote: the mean decides between classes with equally many votes", () => {
  // Soft voting would choose 1, for which nobody voted.
  const members = [[0.5, 0.4, 0.1], [0.05, 0.45, 0.5]];
  assert.equal(voteOnOne(members, { count: 3 }, "soft").label, 1);
  assert.equal(voteOnOne(members, { count: 3 }, "max").label, 0);
  assert.deepEqual(voteOnOne(members, { count: 3 }, "hard"), {
    label: 2,
    merged: asFloat32(members[1]),
  });
  const four = [[0.625, 0.375, 0], [0.625, 0.375, 0], [0.25, 0, 0.75], [0, 0, 1]];
  assert.deepEqual(voteOnOne(four, { count: 3 }, "hard"), {
    label: 2, // Means 0.375 and 0.4375.
    merged: [0.125, 0, 0.875],
  });
});

Deno.test("a hard vote: if all is equal, the first class wins, whoever voted first", () => {
  const members = [[0.25, 0.75], [0.75, 0.25]];
  for (const order of [members, members.toReversed()]) {
    assert.deepEqual(voteOnOne(order, { count: 2 }, "hard"), {
      label: 0,
      merged: asFloat32(members[1]),
    });
  }
});

Deno.test("a vote: members vote on each region", () => {
  const heads = { count: 2, regions: regionsAs(7, 9) };
  const members = [[0.9, 0.375], [0.25, 0.5], [0.25, 0.7]];
  assert.equal(voteOnOne(members, heads, "soft").label, 9); // Means 0.467 and 0.525.
  assert.deepEqual(voteOnOne(members, heads, "hard"), {
    label: 0, // In each region, two of three say no.
    merged: [0.25, 0.4375],
  });
  assert.deepEqual(voteOnOne(members, heads, "max"), { label: 9, merged: asFloat32([0.9, 0.7]) });
  const one = members.map(([first, second]) => [second, first]);
  assert.equal(voteOnOne(one, heads, "soft").label, 7);
  assert.equal(voteOnOne(one, heads, "max").label, 9);
});

Deno.test("a hard vote: the mean decides on a region in a tie", () => {
  const heads = { count: 1, regions: regionsAs(4) };
  assert.deepEqual(voteOnOne([[0.75], [0.5]], heads, "hard"), { label: 4, merged: [0.625] });
  assert.deepEqual(voteOnOne([[0.75], [0]], heads, "hard"), { label: 0, merged: [0.375] });
});

Deno.test("a vote: regions above one half are written in order", () => {
  const heads = { count: 3, regions: regionsAs(1, 2, 300) };
  assert.equal(voteOnOne([[0.9, 0.6, 0.5]], heads, "soft").label, 2);
  assert.equal(voteOnOne([[0.9, 0.6, 0.51]], heads, "soft").label, 300);
  assert.equal(voteOnOne([[0.5, 0.5, 0.5]], heads, "soft").label, 0);
});

Deno.test("a vote: the first head wins among equal probabilities", () => {
  for (const voting of votings) {
    assert.equal(voteOnOne([[0.5, 0.5], [0.5, 0.5]], { count: 2 }, voting).label, 0);
  }
});

Deno.test("a vote: all kinds return the members' result if they agree", () => {
  const probabilities = fc.array(fc.float({ min: 0, max: 1, noNaN: true }), {
    minLength: 2,
    maxLength: 5,
  });
  fc.assert(fc.property(probabilities, fc.integer({ min: 1, max: 2 }), (said, log) => {
    const members = Array.from({ length: 2 ** log }, () => said);
    for (const voting of votings) {
      const { label, merged } = voteOnOne(members, { count: said.length }, voting);
      assert.equal(label, said.indexOf(Math.max(...said)));
      assert.deepEqual(merged, said);
    }
  }));
});

Deno.test("a vote: if the maximum decides, the first of equally confident members does", () => {
  const members = [[0.3, 0.1, 0.6], [0.1, 0.3, 0.6], [0.2, 0.2, 0.6]];
  assert.deepEqual(voteOnOne(members, { count: 3 }, "max"), {
    label: 2,
    merged: asFloat32(members[0]),
  });
  const regions = { count: 1, regions: regionsAs(4) };
  assert.equal(voteOnOne([[0.75], [0.25]], regions, "max").label, 4);
  assert.equal(voteOnOne([[0.25], [0.75]], regions, "max").label, 0);
});

import assert from "node:assert/strict";
import { planDataset } from "../../../lib/parts.ts";
import { decisionSlides } from "../../../notebooks/helpers/decision_slides.ts";
import { knownDatasets } from "../../../notebooks/helpers/known_datasets.ts";

Deno.test("decisionSlides() says every number in words", () => {
  const reasons: Parameters<typeof decisionSlides>[0][number][] = [];
  const [{ fingerprint, facts }] = knownDatasets;
  planDataset(fingerprint, facts, {}, (reason) => reasons.push(reason));
  const { html } = decisionSlides(reasons);
  for (const name of new Set(reasons.flatMap(({ numbers }) => Object.keys(numbers)))) {
    if (name === "cases" || /^[a-z]+$/.test(name)) continue;
    assert.ok(!html!.includes(name), name);
  }
  assert.match(html!, /values in the feature maps/);
});

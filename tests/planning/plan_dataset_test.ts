import assert from "node:assert/strict";
import { formatPlans, parsePlans } from "../../lib/files/plans_json.ts";
import { planDataset } from "../../lib/planning/plan_dataset.ts";
import type { Fingerprint } from "../../lib/planning/plans.ts";
import golden from "../golden/plans.json" with { type: "json" };

type GoldenInput = (typeof golden.cases)[number]["input"];
type Json = Record<string, unknown>;

function planOf(input: GoldenInput) {
  const fingerprint: Fingerprint = {
    spacings: input.spacings,
    shapesAfterCrop: input.shapes,
    medianRelativeSizeAfterCropping: input.relativeSize,
    intensityProperties: input.channels.map((_, channel) => ({
      max: channel,
      mean: channel,
      median: channel,
      min: channel,
      percentile005: channel,
      percentile995: channel,
      std: channel,
    })),
  };
  const facts = {
    datasetName: "Dataset001_Golden",
    channelNames: input.channels,
    labelCount: input.labels,
    trainingCases: input.training,
    imageReaderWriter: "SimpleITKIO",
  };
  return planDataset(fingerprint, facts, {
    gpuMemoryTarget: input.memory,
    baseFeatures: input.baseFeatures,
    plansName: input.plansName,
  });
}

/** nnU-Net's plans in full: the golden file holds what never changes once. */
function withConstants(plans: { configurations: Record<string, Json> }): Json {
  const { architecture, ...constants } = golden.constants;
  const entries = Object.entries(plans.configurations).map(([name, configuration]) => {
    if ("inherits_from" in configuration) return [name, configuration];
    const { network, ...own } = configuration;
    const keywords = architecture.arch_kwargs;
    const dimensions = name === "2d" ? "2d" : "3d";
    const conv_op = keywords.conv_op + dimensions;
    const norm_op = keywords.norm_op + dimensions;
    const arch_kwargs = { ...keywords, ...network as Json, conv_op, norm_op };
    return [name, { ...constants, ...own, architecture: { ...architecture, arch_kwargs } }];
  });
  return { ...plans, configurations: Object.fromEntries(entries) };
}

for (const { name, input, plans } of golden.cases) {
  Deno.test(`planDataset() plans as nnU-Net does: ${name}`, () => {
    assert.deepEqual(JSON.parse(formatPlans(planOf(input))), withConstants(plans as never));
  });
}

for (const [name, text] of Object.entries(golden.texts)) {
  Deno.test(`formatPlans() writes nnU-Net's text: ${name}`, () => {
    const { input } = golden.cases.find((one) => one.name === name)!;
    assert.equal(formatPlans(planOf(input)), text);
  });

  Deno.test(`parsePlans() reads nnU-Net's text: ${name}`, () => {
    const { input } = golden.cases.find((one) => one.name === name)!;
    assert.deepEqual(parsePlans(text), planOf(input));
  });
}

Deno.test("planDataset() refuses options and fingerprints it cannot plan from", () => {
  const { input } = golden.cases[0];
  const refused: [RegExp, Partial<GoldenInput>][] = [
    [/GPU memory target is 0 GB/, { memory: 0 }],
    [/GPU memory target is NaN GB/, { memory: NaN }],
    [/base features are 1\.5/, { baseFeatures: 1.5 }],
    [/0 spacings and 0 shapes/, { spacings: [], shapes: [] }],
    [/1 spacings and 2 shapes/, { shapes: [[9, 9, 9], [9, 9, 9]] }],
    [/spacing or shape \[1,1\], expected three/, { spacings: [[1, 1]] }],
    [/spacing or shape \[0,1,1\], expected three/, { spacings: [[0, 1, 1]] }],
  ];
  for (const [message, change] of refused) {
    assert.throws(() => planOf({ ...input, ...change }), { name: "RangeError", message });
  }
});

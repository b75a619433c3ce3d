import assert from "node:assert/strict";
import { formatPlans, parsePlans } from "../../lib/files/plans_json.ts";
import { planDataset, type PlanningOptions } from "../../lib/planning/plan_dataset.ts";
import { formatReasons, type Reason } from "../../lib/planning/reason.ts";
import golden from "../golden/plans.json" with { type: "json" };
import { goldenPlanFacts, type GoldenPlanInput, planOfGolden } from "./golden_plans.ts";

type Json = Record<string, unknown>;

/** Restores nnU-Net's full plans: the golden file stores constant parts only once. */
function withConstants(plans: { configurations: Record<string, Json> }): Json {
  const { architecture, ...constants } = golden.constants;
  const entries = Object.entries(plans.configurations).map(([name, configuration]) => {
    if ("inherits_from" in configuration) return [name, configuration];
    const { network, ...own } = configuration as { network: Json };
    const { class: network_class_name, ...varying } = network;
    const keywords = architecture.arch_kwargs;
    const dimensions = name === "2d" ? "2d" : "3d";
    const conv_op = keywords.conv_op + dimensions;
    const norm_op = keywords.norm_op + dimensions;
    const arch_kwargs = { ...keywords, ...varying, conv_op, norm_op };
    const full = { ...architecture, network_class_name, arch_kwargs };
    return [name, { ...constants, ...own, architecture: full }];
  });
  return { ...plans, configurations: Object.fromEntries(entries) };
}

for (const { name, input, plans } of golden.cases) {
  Deno.test(`planDataset() plans as nnU-Net does: ${name}`, () => {
    assert.deepEqual(JSON.parse(formatPlans(planOfGolden(input))), withConstants(plans as never));
  });
}

for (const [name, text] of Object.entries(golden.texts)) {
  Deno.test(`formatPlans() writes nnU-Net's text: ${name}`, () => {
    const { input } = golden.cases.find((one) => one.name === name)!;
    assert.equal(formatPlans(planOfGolden(input)), text);
  });

  Deno.test(`parsePlans() reads nnU-Net's text: ${name}`, () => {
    const { input } = golden.cases.find((one) => one.name === name)!;
    assert.deepEqual(parsePlans(text), planOfGolden(input));
  });
}

Deno.test("planDataset() rejects invalid options and fingerprints", () => {
  const { input } = golden.cases[0];
  const refused: [RegExp, Partial<GoldenPlanInput>][] = [
    [/`gpuMemoryTarget` is 0 GB/, { memory: 0 }],
    [/`gpuMemoryTarget` is NaN GB/, { memory: NaN }],
    [/baseFeatures is 1\.5/, { baseFeatures: 1.5 }],
    [/0 spacings and 0 shapes/, { spacings: [], shapes: [] }],
    [/1 spacings and 2 shapes/, { shapes: [[9, 9, 9], [9, 9, 9]] }],
    [/spacing or shape \[1,1\], expected three/, { spacings: [[1, 1]] }],
    [/spacing or shape \[0,1,1\], expected three/, { spacings: [[0, 1, 1]] }],
  ];
  for (const [message, change] of refused) {
    assert.throws(() => planOfGolden({ ...input, ...change }), { name: "RangeError", message });
  }
});

Deno.test("planDataset() uses patches, batches and normalisation set by the user", () => {
  const { input } = golden.cases[0];
  const { fingerprint, facts } = goldenPlanFacts(input);
  const { configurations } = planDataset(fingerprint, facts, {
    overrides: { "2d": { batchSize: 7 }, "3d_fullres": { patchSize: [32, 48, 32], batchSize: 3 } },
    normalizationSchemes: ["NoNormalization"],
  });
  const { patchSize, batchSize, architecture, normalizationSchemes } =
    configurations["3d_fullres"]!;
  assert.deepEqual([...patchSize, batchSize], [32, 48, 32, 3]);
  assert.deepEqual(architecture.strides.at(-1), [2, 2, 2]);
  assert.deepEqual(normalizationSchemes, ["NoNormalization"]);
  assert.equal(configurations["2d"]!.batchSize, 7);
});

Deno.test("planDataset() rejects user settings that fit no network", () => {
  const { fingerprint, facts } = goldenPlanFacts(golden.cases[0].input);
  const refused: [RegExp, PlanningOptions][] = [
    [/patch of 33 × 48 × 32: .* such as 40 × 48 × 32/, {
      overrides: { "3d_fullres": { patchSize: [33, 48, 32] } },
    }],
    [/patchSize has 2 extents, expected 3/, {
      overrides: { "3d_fullres": { patchSize: [9, 9] } },
    }],
    [/batchSize contains 0, expected positive/, { overrides: { "2d": { batchSize: 0 } } }],
    [/targetSpacing is \[1, -1, 1\]/, { targetSpacing: [1, -1, 1] }],
    [/normalizationSchemes has 2 schemes for 1 channel, expected/, {
      normalizationSchemes: ["NoNormalization", "CTNormalization"],
    }],
  ];
  for (const [message, options] of refused) {
    assert.throws(() => planDataset(fingerprint, facts, options), { name: "RangeError", message });
  }
});

Deno.test("planDataset() says which values of options are possible", () => {
  const { fingerprint, facts } = goldenPlanFacts(golden.cases[0].input);
  const refused: [string, string, unknown][] = [
    ["RangeError", "targetSpacing is [1, 1], expected three positive numbers, (z, y, x) in mm", {
      targetSpacing: [1, 1],
    }],
    ["TypeError", 'targetSpacing is "1,1,1", expected three positive numbers, (z, y, x) in mm', {
      targetSpacing: "1,1,1",
    }],
    [
      "RangeError",
      'normalizationSchemes[0] is "ZScore", expected one of CTNormalization, NoNormalization, ' +
      "ZScoreNormalization, RescaleTo01Normalization, RGBTo01Normalization",
      { normalizationSchemes: ["ZScore"] },
    ],
    [
      "RangeError",
      'normalizationSchemes[0] is "CTNormalisation", expected one of CTNormalization, ' +
      "NoNormalization, ZScoreNormalization, RescaleTo01Normalization, RGBTo01Normalization; " +
      'did you mean "CTNormalization"?',
      { normalizationSchemes: ["CTNormalisation"] },
    ],
    [
      "TypeError",
      'normalizationSchemes is "CTNormalization", expected a list of one scheme per channel',
      { normalizationSchemes: "CTNormalization" },
    ],
    ["TypeError", '`gpuMemoryTarget` is "8", expected a positive number', {
      gpuMemoryTarget: "8",
    }],
    ["TypeError", 'baseFeatures is "4", expected a positive number', { baseFeatures: "4" }],
    ["TypeError", "plansName is 5, expected a string", { plansName: 5 }],
    ["TypeError", "overrides.2d.patchSize is 32, expected a list of one extent per axis", {
      overrides: { "2d": { patchSize: 32 } },
    }],
  ];
  for (const [name, message, options] of refused) {
    assert.throws(() => planDataset(fingerprint, facts, options as PlanningOptions), {
      name,
      message: `Cannot plan: ${message}`,
    });
  }
  const planner = "ExperimentPlaner" as "ExperimentPlanner";
  assert.throws(() => planDataset(fingerprint, facts, { planner }), {
    name: "RangeError",
    message:
      /^Cannot plan: planner is "ExperimentPlaner", expected one of ExperimentPlanner, ResEnc/,
  });
});

Deno.test("planDataset() rejects more labels than a training can use", () => {
  const { fingerprint, facts } = goldenPlanFacts(golden.cases[0].input);
  planDataset(fingerprint, { ...facts, labelCount: 256 });
  assert.throws(() => planDataset(fingerprint, { ...facts, labelCount: 257 }), {
    name: "RangeError",
    message: /it has 257 labels with background, expected at most 256, numbered 0 to 255; merge/,
  });
});

Deno.test("planDataset() notes every decision with the numbers it is based on", () => {
  const { input } = golden.cases.find(({ name }) => name === "huge isotropic volume")!;
  const { fingerprint, facts } = goldenPlanFacts(input);
  const reasons: Reason[] = [];
  const { configurations } = planDataset(fingerprint, facts, {}, (reason) => reasons.push(reason));
  const decisions = new Set(reasons.map(({ decision }) => decision));
  assert.deepEqual([...decisions], [
    "target spacing",
    "axes",
    "normalisation",
    "patch size",
    "stages",
    "batch size",
    "3d_lowres and cascade",
  ]);
  const patches = reasons.filter(({ decision, configuration }) =>
    decision === "patch size" && configuration === "3d_fullres"
  );
  // The last patch is the first that fits, and the one in the plan.
  const fits = patches.map(({ numbers }) =>
    Number(numbers.featureMapElements) <= Number(numbers.limit)
  );
  assert.deepEqual(fits, patches.map((_, i) => i === patches.length - 1));
  assert.deepEqual(patches.at(-1)!.numbers.patchSize, configurations["3d_fullres"]!.patchSize);
  const text = formatReasons(reasons);
  const noted: Reason[] = [];
  const options: PlanningOptions = {
    targetSpacing: [2, 1, 1],
    normalizationSchemes: ["NoNormalization"],
    overrides: { "2d": { batchSize: 3 } },
  };
  planDataset(fingerprint, facts, options, (reason) => noted.push(reason));
  const byHand = noted.filter(({ rule }) => rule.startsWith("As requested"));
  assert.deepEqual(byHand.map(({ decision }) => decision), [
    "target spacing",
    "normalisation",
    "batch size",
  ]);
  const lines = text.split("\n");
  const patch = configurations["3d_fullres"]!.patchSize.join(" × ");
  const heading = lines.indexOf(`3d_fullres, patch size: ${patch}`);
  assert.match(lines[heading + 1], /^ {2}The largest patch whose feature maps fit/);
  assert.ok(lines[heading + 1 + patches.length].startsWith(`  patch size ${patch}; feature map`));
});

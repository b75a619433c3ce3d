import assert from "node:assert/strict";
import { formatPlans, parsePlans } from "../../lib/files/plans_json.ts";
import { configurationOf, whyNoConfiguration } from "../../lib/files/configuration_of.ts";
import { readPlans, writePlans } from "../../lib/files/plans_file.ts";
import golden from "../golden/plans.json" with { type: "json" };

type Json = Record<string, unknown>;

/** Returns nnU-Net's plans with a cascade, for tests to modify. */
function plansJson() {
  const json = JSON.parse(golden.texts["abdominal CT with a cascade"]);
  return json as { configurations: Record<string, Json> } & Json;
}

const parse = (json: Json) => parsePlans(JSON.stringify(json));

Deno.test("parsePlans() resolves the cascade's inheritance from 3d_fullres", () => {
  const { configurations } = parse(plansJson());
  const { "3d_fullres": fullres, "3d_cascade_fullres": cascade } = configurations;
  assert.deepEqual(cascade, { ...fullres, name: "3d_cascade_fullres", previousStage: "3d_lowres" });
});

Deno.test("parsePlans() and formatPlans() keep keys that override inherited ones", () => {
  const json = plansJson();
  json.configurations["3d_cascade_fullres"].batch_size = 7;
  const plans = parse(json);
  assert.equal(plans.configurations["3d_cascade_fullres"]?.batchSize, 7);
  assert.deepEqual(JSON.parse(formatPlans(plans)), json);
});

Deno.test("parsePlans() ignores unknown keys", () => {
  const json = plansJson();
  json.comment = "mine";
  json.configurations["3d_fullres"].comment = "mine";
  assert.deepEqual(parse(json), parse(plansJson()));
});

Deno.test("parsePlans() reads configurations that were added to nnU-Net's", () => {
  const json = plansJson();
  json.configurations["3d_fullres_bs3"] = { inherits_from: "3d_fullres", batch_size: 3 };
  json.configurations["3d_cascade_bs3"] = { inherits_from: "3d_fullres_bs3", next_stage: ["2d"] };
  const plans = parse(json);
  const { "3d_fullres": fullres, "3d_fullres_bs3": added } = plans.configurations;
  assert.deepEqual(added, { ...fullres, name: "3d_fullres_bs3", batchSize: 3 });
  assert.deepEqual(plans.configurations["3d_cascade_bs3"]?.nextStages, ["2d"]);
  assert.deepEqual(parsePlans(formatPlans(plans)), plans);
  assert.deepEqual(Object.keys(JSON.parse(formatPlans(plans)).configurations), [
    ...Object.keys(plansJson().configurations),
    "3d_fullres_bs3",
    "3d_cascade_bs3",
  ]);
});

Deno.test("parsePlans() takes lists of next stages, and null for none", () => {
  const json = plansJson();
  json.configurations["3d_lowres"].next_stage = ["3d_cascade_fullres", "other"];
  json.configurations["3d_fullres"].next_stage = null;
  json.configurations["3d_fullres"].previous_stage = null;
  const plans = parse(json);
  assert.deepEqual(plans.configurations["3d_lowres"]!.nextStages, ["3d_cascade_fullres", "other"]);
  assert.equal(plans.configurations["3d_fullres"]!.nextStages, undefined);
  assert.equal(plans.configurations["3d_fullres"]!.previousStage, undefined);
  assert.deepEqual(parsePlans(formatPlans(plans)), plans);
});

Deno.test("parsePlans() keeps unsupported configurations apart, and they are written again", () => {
  const json = plansJson();
  json.configurations["2d"].normalization_schemes = ["MyNormalization"];
  json.configurations.mine = { inherits_from: "2d" };
  const plans = parse(json);
  assert.deepEqual(Object.keys(plans.configurations), [
    "3d_lowres",
    "3d_fullres",
    "3d_cascade_fullres",
  ]);
  assert.match(plans.unsupported!["2d"].reason, /normalization_schemes/);
  assert.match(plans.unsupported!.mine.reason, /normalization_schemes/);
  assert.deepEqual(JSON.parse(formatPlans(plans)), json);
  assert.equal(configurationOf(plans, "2d"), undefined);
  assert.match(whyNoConfiguration(plans, "2d"), /does not support it: .*normalization_schemes/s);
  assert.match(whyNoConfiguration(plans, "4d"), /has 3d_lowres, 3d_fullres, 3d_cascade_fullres$/);
});

Deno.test("parsePlans() rejects names that lead out of a folder, wherever paths come from them", () => {
  const names = ["../x", "..", ".", ".hidden", "a/b", "a\\b", "/x", "C:x", "a\n", "\x1b[2J", ""];
  const changes: ((json: ReturnType<typeof plansJson>, name: string) => void)[] = [
    (json, name) => json.dataset_name = name,
    (json, name) => json.plans_name = name,
    (json, name) => json.configurations["2d"].data_identifier = name,
    (json, name) => json.configurations["3d_lowres"].next_stage = name,
    (json, name) => json.configurations["3d_lowres"].next_stage = ["2d", name],
    (json, name) => json.configurations["3d_cascade_fullres"].previous_stage = name,
    (json, name) => json.configurations[name] = { inherits_from: "2d" },
    // A configuration that is not supported is no way around the rule.
    (json, name) => json.configurations.mine = { data_identifier: name },
  ];
  for (const change of changes) {
    for (const name of [...names, "x".repeat(256)]) {
      const json = plansJson();
      change(json, name);
      assert.throws(() => parse(json), { name: "SyntaxError", message: /valid file name/ });
    }
    const json = plansJson();
    change(json, "Größe 1.5_b");
    assert.doesNotThrow(() => parse(json));
  }
});

Deno.test("parsePlans() rejects what no machine can build, before anything is allocated", () => {
  const refused: [RegExp, (configuration: Json, keywords: Json) => void][] = [
    [/voxels is .* at most/, (it) => it.patch_size = [1e9, 1e9]],
    [/voxels is .* at most/, (it) => it.batch_size = 1e12],
    [/weights is .* at most/, (_, keywords) => grow(keywords, "features_per_stage", 1e9)],
    [
      /kernel_sizes is 1001, expected at most 63/,
      (_, keywords) =>
        keywords.kernel_sizes = (keywords.kernel_sizes as number[][]).map(() => [1001, 3]),
    ],
    [/stage is 1000000000/, (_, keywords) => grow(keywords, "n_conv_per_stage", 1e9)],
    [/stage is 1000000000/, (_, keywords) => grow(keywords, "n_conv_per_stage_decoder", 1e9)],
    [/patch_size is 16 × 16, expected at least/, (it) => it.patch_size = [16, 16]],
    [/patch_size has 3 values, expected 2/, (it) => it.patch_size = [64, 64, 64]],
    [/spacing has 1 values/, (it) => it.spacing = [1]],
    [/strides\[0\] has 3 values/, (_, keywords) => (keywords.strides as number[][])[0] = [1, 1, 1]],
    [/n_stages is 5000, expected at most 32/, (_, keywords) => {
      for (const [key, value] of Object.entries(keywords)) {
        if (Array.isArray(value)) keywords[key] = Array(5000).fill(value[0]);
      }
      (keywords.n_conv_per_stage_decoder as number[]).pop();
      keywords.n_stages = 5000;
    }],
  ];
  for (const [message, change] of refused) {
    const json = plansJson();
    const configuration = json.configurations["2d"];
    change(configuration, (configuration.architecture as { arch_kwargs: Json }).arch_kwargs);
    assert.match(parse(json).unsupported!["2d"].reason, message);
  }
});

function grow(keywords: Json, key: string, value: number) {
  keywords[key] = (keywords[key] as number[]).map(() => value);
}

Deno.test("parsePlans() rejects long chains of inheritance", () => {
  const json = plansJson();
  for (let i = 0; i < 20_000; i++) json.configurations[`c${i}`] = { inherits_from: `c${i + 1}` };
  json.configurations.c20000 = { inherits_from: "2d" };
  assert.match(parse(json).unsupported!.c0.reason, /Inherits through more than 100/);
});

Deno.test("parsePlans() rejects transpositions that are not of three axes", () => {
  for (const axes of [[0, 0, 1], [0, 1, 3], [-1, 0, 1]]) {
    const json = plansJson();
    json.transpose_forward = axes;
    assert.throws(() => parse(json), { name: "SyntaxError", message: /transpose_forward/ });
  }
});

Deno.test("parsePlans() reads the flat networks of early plans", () => {
  const json = plansJson();
  for (const configuration of Object.values(json.configurations)) {
    if (!configuration.architecture) continue;
    const { architecture } = configuration as { architecture: { arch_kwargs: Json } };
    const keywords = architecture.arch_kwargs;
    delete configuration.architecture;
    Object.assign(configuration, {
      UNet_class_name: "PlainConvUNet",
      UNet_base_num_features: 32,
      unet_max_num_features: (keywords.conv_op as string).endsWith("2d") ? 512 : 320,
      n_conv_per_stage_encoder: keywords.n_conv_per_stage,
      n_conv_per_stage_decoder: keywords.n_conv_per_stage_decoder,
      conv_kernel_sizes: keywords.kernel_sizes,
      pool_op_kernel_sizes: keywords.strides,
      num_pool_per_axis: [5, 5, 5],
    });
  }
  json.foreground_intensity_properties_by_modality =
    json.foreground_intensity_properties_per_channel;
  delete json.foreground_intensity_properties_per_channel;
  assert.deepEqual(parse(json), parse(plansJson()));
});

Deno.test("parsePlans() and formatPlans() support residual networks", () => {
  const json = plansJson();
  const { architecture } = json.configurations["2d"] as { architecture: Json };
  const keywords = architecture.arch_kwargs as Json;
  architecture.network_class_name =
    "dynamic_network_architectures.architectures.residual_unet.ResidualEncoderUNet";
  keywords.n_blocks_per_stage = keywords.n_conv_per_stage;
  delete keywords.n_conv_per_stage;
  assert.deepEqual(JSON.parse(formatPlans(parse(json))), json);
});

Deno.test("parsePlans() rejects unknown networks and resampling", () => {
  const refused: [RegExp, (configuration: Json, keywords: Json) => void][] = [
    [/conv_bias/s, (_, keywords) => keywords.conv_bias = "no"],
    [/squeeze_excitation/, (_, keywords) => keywords.squeeze_excitation = true],
    [/stages, expected 7/, (_, keywords) => keywords.n_stages = 7],
    [/resampling_fn_data/, (configuration) => configuration.resampling_fn_data = "other"],
    [
      /resampling_fn_data_kwargs: found nothing/,
      (configuration) => delete configuration.resampling_fn_data_kwargs,
    ],
    [
      /resampling_fn_data_kwargs.order: expected a spline's order from 0 to 5/,
      (configuration) => (configuration.resampling_fn_data_kwargs as Json).order = 6,
    ],
    [
      /resampling_fn_seg_kwargs.is_seg: found false, expected true/,
      (configuration) => (configuration.resampling_fn_seg_kwargs as Json).is_seg = false,
    ],
    [
      /resampling_fn_probabilities_kwargs: .*"cval"/,
      (configuration) => (configuration.resampling_fn_probabilities_kwargs as Json).cval = 1,
    ],
    [
      /resampling_fn_data and resampling_fn_seg give different grids/,
      (configuration) => {
        configuration.resampling_fn_data = "no_resampling_hack";
        configuration.resampling_fn_data_kwargs = {};
      },
    ],
    [
      /resampling_fn_probabilities is no_resampling_hack, which leaves predictions/,
      (configuration) => {
        configuration.resampling_fn_probabilities = "no_resampling_hack";
        configuration.resampling_fn_probabilities_kwargs = {};
      },
    ],
    [/preprocessor_name/, (configuration) => configuration.preprocessor_name = "Mine"],
  ];
  for (const [message, change] of refused) {
    const json = plansJson();
    const { "2d": configuration } = json.configurations;
    const { arch_kwargs } = configuration.architecture as { arch_kwargs: Json };
    change(configuration, arch_kwargs);
    assert.match(parse(json).unsupported!["2d"].reason, message);
    // Without a configuration to use, the file is an error.
    json.configurations = { "2d": configuration };
    assert.throws(() => parse(json), { name: "SyntaxError", message });
  }
});

Deno.test("parsePlans() rejects inheritance from itself or from a missing configuration", () => {
  const json = plansJson();
  json.configurations["3d_fullres"] = { inherits_from: "3d_cascade_fullres" };
  assert.match(
    parse(json).unsupported!["3d_fullres"].reason,
    /itself: 3d_fullres → 3d_cascade_fullres → 3d_fullres/,
  );
  json.configurations["3d_fullres"] = { inherits_from: "4d" };
  assert.match(
    parse(json).unsupported!["3d_cascade_fullres"].reason,
    /Inherits from "4d", expected one of 2d, 3d_lowres/,
  );
});

Deno.test("writePlans() and readPlans() are inverse; readPlans() names an invalid file", async () => {
  const path = await Deno.makeTempFile({ suffix: ".json" });
  try {
    const plans = parse(plansJson());
    await writePlans(path, plans);
    assert.deepEqual(await readPlans(path), plans);
    await Deno.writeTextFile(path, "[]");
    await assert.rejects(
      readPlans(path),
      (error: Error) =>
        error instanceof SyntaxError && error.message.startsWith(`Cannot read plans ${path}: `),
    );
  } finally {
    await Deno.remove(path);
  }
});

import assert from "node:assert/strict";
import { formatPlans, parsePlans } from "../../lib/files/plans_json.ts";
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

Deno.test("parsePlans() ignores unknown keys and configurations", () => {
  const json = plansJson();
  json.comment = "mine";
  json.configurations["3d_fullres"].comment = "mine";
  json.configurations["3d_large"] = { inherits_from: "3d_fullres", batch_size: 4 };
  assert.deepEqual(parse(json), parse(plansJson()));
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
  const changed = (change: (configuration: Json, keywords: Json) => void) => {
    const json = plansJson();
    const configuration = json.configurations["2d"];
    const { arch_kwargs } = configuration.architecture as { arch_kwargs: Json };
    change(configuration, arch_kwargs);
    return () => parse(json);
  };
  const refused: [RegExp, (configuration: Json, keywords: Json) => void][] = [
    [/Configuration 2d: .*conv_bias/s, (_, keywords) => keywords.conv_bias = false],
    [/nonlin_first/, (_, keywords) => keywords.nonlin_first = true],
    [/stages, expected 7/, (_, keywords) => keywords.n_stages = 7],
    [/resampling_fn_data/, (configuration) => configuration.resampling_fn_data = "other"],
    [/preprocessor_name/, (configuration) => configuration.preprocessor_name = "Mine"],
  ];
  for (const [message, change] of refused) {
    assert.throws(changed(change), { name: "SyntaxError", message });
  }
});

Deno.test("parsePlans() rejects inheritance from itself or from a missing configuration", () => {
  const json = plansJson();
  json.configurations["3d_fullres"] = { inherits_from: "3d_cascade_fullres" };
  assert.throws(() => parse(json), /itself: 3d_fullres → 3d_cascade_fullres → 3d_fullres/);
  json.configurations["3d_fullres"] = { inherits_from: "4d" };
  assert.throws(() => parse(json), /Inherits from "4d", expected one of 2d, 3d_lowres/);
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

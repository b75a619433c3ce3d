import assert from "node:assert/strict";
import { readModuleImports, textOf, withoutComments } from "./module_imports.ts";

/**
 * Folders that may use this platform: the seam, and what runs only on this platform; and the platform
 * of pages.
 */
const bound = [
  ...["lib/platform/", "lib/packages/", "lib/cli/", "lib/launch/", "lib/notebook/"],
  "lib/browser/",
];

/** Packages that run on any platform: no native code, no document, no modules of Node. */
const portable = [
  ...within(
    "packages",
    "protobuf protobuf_codegen protobuf_wire dicom_parser nifti_reader pure_rand zod",
  ),
  // Decoders find their WebAssembly beside themselves, on a disk or on a server.
  ...within("packages", "charls jpeg_lossless libjpeg_turbo openjpeg"),
  // These only name files.
  ...within("packages", "dejavu_fonts plotly plotly_min"),
  // Its source as a text, for pages.
  ...within("packages", "niivue"),
];

/** Modules of `lib/platform/` that run on any platform: the words for its errors. */
const portableModules = ["lib/platform/file_error.ts"];

/** Modules outside of {@link bound} that draw with packages bound to this platform. */
const drawing: Readonly<Record<string, string>> = {
  "lib/display/png.ts": "lib/packages/resvg.ts",
  "lib/display/plotly_svg.ts": "lib/packages/jsdom.ts",
};

const isForeign = (path: string) => path.startsWith("lib/packages/") && !portable.includes(path);

/** Uses of globals that only Deno, Node or a thread provides. */
const foreignNames = /\b(Deno\.\w+|process\.[a-z]\w*|navigator\.\w+|Buffer\.\w+|import\.meta\.\w+)/;

/** Paths of modules in a folder of `lib/`, by their names separated by spaces. */
function within(folder: string, names: string): string[] {
  return names.split(" ").map((name) => `lib/${folder}/${name}.ts`);
}

/**
 * Modules that need this platform, with the modules of `lib/platform/` that they may load, directly
 * or indirectly. All others compute: outside of {@link bound}, they load nothing of the platform.
 */
const exceptions: readonly {
  readonly modules: readonly string[];
  readonly platform: readonly string[] | "all";
}[] = [
  // The entries and their objects do everything.
  {
    modules: [
      "mod.ts",
      "lib/ensembler.ts",
      "lib/parts.ts",
      "lib/planner.ts",
      "lib/plans.ts",
      "lib/predictor.ts",
      "lib/trainer.ts",
    ],
    platform: "all",
  },
  // These read or write files, or hand files to workers.
  {
    modules: [
      ...within("conversion", "conversion_target convert_decathlon convert_version1 split_worker"),
      ...within("conversion", "version1_source"),
      ...within("dataset", "case_folder cases channels check_case create_dataset create_task"),
      ...within("dataset", "dataset find_labels"),
      ...within("dataset", "folder_setup gather_sources integrity label_names list_datasets"),
      ...within("dataset", "place_case source_cases structure_labels warning_lines"),
      ...within("ensembling", "crossval_ensemble crossval_results ensemble_cases"),
      ...within("ensembling", "ensemble_folders ensemble_worker find_best_configuration"),
      ...within("ensembling", "ground_truth inference_information member_file scored_folder"),
      ...within("ensembling", "read_inference_information trained_model work_folder"),
      ...within("evaluation", "evaluate_folder evaluate_worker read_label_pair"),
      ...within("files", "checkpoint_file copy_file dataset_file details_file fingerprint_file"),
      ...within("files", "case_record list_files other_output plans_file postprocessing_file"),
      ...within(
        "files",
        "prediction_record replaced_plans require_folder spacing_file splits_file",
      ),
      ...within("files", "summary_file"),
      ...within("image/dicom", "dicom_folder dicom_seg_file dicom_structures"),
      ...within("image", "image_files nifti/nifti_channels read_file read_grid"),
      ...within("image", "scan_folder"),
      ...within(
        "inference",
        "check_scan export_worker model_pipeline output_folder prepare_worker",
      ),
      ...within("inference", "select_cases validate_fold"),
      ...within("interop", "npz zarr_array zip_file"),
      ...within("model", "check_model download_model export_models fold_states install_models"),
      ...within("model", "open_model open_trained"),
      ...within("planning", "fingerprint_in_workers fingerprint_worker move_plans"),
      ...within("planning", "stored_fingerprint"),
      ...within("postprocessing", "apply_to_folder determine postprocess_worker write_decision"),
      ...within("preprocessing", "case_files ground_truth label_map_storage preprocess_dataset"),
      ...within("preprocessing", "preprocess_worker recipe storage stored_parts"),
      ...within("training", "benchmark_result fold_validation log_files progress_picture read_log"),
      ...within("training", "resumed_checkpoint training_run weights_worker"),
      ...within("training/loggers", "tensorboard_logger training_logger wandb_logger"),
      ...within("training/batches", "batch_worker patch_source previous_stage"),
      ...within(
        "training/fold",
        "dataset_cases fold_cases fold_data fold_lock kept_fold next_stage",
      ),
    ],
    platform: "all",
  },
  // These draw with fonts and other packages.
  {
    modules: [
      ...within("display", "curve_figure curves figure_worker plotly_svg png render_figure slices"),
      ...within("display", "overlay_pictures overlay_worker surface_picture"),
    ],
    platform: "all",
  },
  // These name files, but do not open them.
  {
    modules: [
      ...within("dataset", "case_paths"),
      ...within("evaluation", "dice_table summary"),
      ...within("files", "folders"),
      ...within("inference", "filed_job"),
    ],
    platform: ["paths"],
  },
  // Decompression lets other work run in between.
  {
    modules: [
      ...within("image", "bmp file_content gipl gzip image_source pieces"),
      ...within("image", "stored_image voxels metaimage/metaimage metaimage/metaimage_header"),
      ...within("image/dicom", "dicom_deflate dicom_elements dicom_file dicom_mosaic dicom_pixels"),
      ...within("image/dicom", "dicom_seg_writer dicom_series dicom_slice rt_structures"),
      ...within("image/dicom", "segment_frames"),
      ...within("image/nifti", "nifti nifti_file nifti_header nifti_voxels"),
      ...within("image/nrrd", "nrrd nrrd_header nrrd_text"),
      ...within("image/tiff", "ome_tiff tiff tiff_directory tiff_image tiff_packing tiff_pixels"),
      ...within("image/tiff", "tiff_writer"),
      ...within("interop", "nnunet_checkpoint pytorch_file stored_zip wandb_file"),
    ],
    platform: ["next_turn", "zlib"],
  },
  {
    modules: within("image", "decode_file encode_file png registry"),
    platform: ["next_turn", "png_codec", "zlib"],
  },
  // These start workers, or stop them.
  {
    modules: [
      ...within("dataset", "run_cases"),
      ...within("inference", "case_pipeline"),
      ...within("labels", "label_worker"),
      ...within("runtime", "engine remote stop_flag worker_pool"),
      ...within("training/batches", "batch_loader training_data"),
      ...within("training/step", "step_runner"),
    ],
    platform: ["processors", "shared_memory", "workers"],
  },
  // ONNX Runtime runs networks, and resizes large volumes.
  {
    modules: [
      ...within("labels", "label_whole restore_probabilities"),
      ...within("preprocessing", "preprocess_case resample"),
      ...within("runtime", "download session"),
      ...within("window", "cpu/cpu_network cpu/window_needs device/device_window"),
    ],
    platform: ["onnx_runtime", "processors"],
  },
  {
    modules: within("labels", "label_threads"),
    platform: ["onnx_runtime", "processors", "shared_memory", "workers"],
  },
  {
    modules: within("runtime", "engine_worker"),
    platform: ["onnx_runtime", "processors", "workers"],
  },
  // Sums over tiles that do not fit in memory are in a scratch file.
  {
    modules: within("window/cpu", "cell_store halo predict_cells"),
    platform: ["scratch_file", "shared_memory"],
  },
  {
    modules: [
      ...within("inference", "case_memory"),
      ...within("window", "cpu/cpu_window device/host_window open_window"),
    ],
    platform: ["onnx_runtime", "processors", "scratch_file", "shared_memory"],
  },
  {
    modules: within("inference", "network_worker"),
    platform: ["onnx_runtime", "processors", "scratch_file", "shared_memory", "workers"],
  },
  // These find out what the machine has.
  {
    modules: within("memory", "device_memory"),
    platform: ["gpu_memory", "processors", "system_memory"],
  },
  {
    modules: within("runtime", "find_devices probe_device"),
    platform: [
      "cuda_libraries",
      "gpu_memory",
      "isolated_call",
      "machine",
      "onnx_runtime",
      "processors",
      "system_memory",
      "web_gpu",
      "workers",
    ],
  },
];

const modules = new Map((await readModuleImports()).map((module) => [module.path, module]));

/**
 * Returns the chain of imports by which a module loads something forbidden; undefined if it does
 * not.
 *
 * @param allowed Names of the modules of `lib/platform/` that may be loaded.
 */
function forbiddenChain(
  path: string,
  allowed: readonly string[],
  seen = new Set<string>(),
): string[] | undefined {
  seen.add(path);
  const { packages, loaded } = modules.get(path)!;
  const foreign = packages[0] ?? loaded.find(isForeign);
  if (foreign) return [path, foreign];
  for (const next of loaded) {
    if (seen.has(next) || portableModules.includes(next) || portable.includes(next)) continue;
    if (next.startsWith("lib/platform/")) {
      const name = next.slice("lib/platform/".length, -".ts".length);
      if (!allowed.includes(name)) return [path, next];
      continue;
    }
    const chain = forbiddenChain(next, allowed, seen);
    if (chain) return [path, ...chain];
  }
}

/** Paths of the modules that this test is about. */
const examined = [...modules.keys()].filter((path) =>
  !bound.some((folder) => path.startsWith(folder))
);

Deno.test("modules load only the parts of the platform that they are listed with", () => {
  const listed = new Map(
    exceptions.flatMap(({ modules, platform }) => modules.map((path) => [path, platform] as const)),
  );
  const found: string[] = [];
  for (const path of examined) {
    const platform = listed.get(path) ?? [];
    const chain = platform === "all" ? undefined : forbiddenChain(path, platform);
    if (chain) found.push(chain.join(" → "));
  }
  assert.deepEqual(found, []);
});

Deno.test("only modules that load parts of the platform are listed, and once", () => {
  const listed = exceptions.flatMap(({ modules }) => modules);
  const needed = examined.filter((path) => forbiddenChain(path, []));
  assert.deepEqual(listed.sort(), needed.sort());
});

Deno.test("only lib/platform/ uses Deno, Node and packages that are bound to them", async () => {
  const found: string[] = [];
  for (const path of examined) {
    const { packages, modules: imported } = modules.get(path)!;
    for (const specifier of [...packages, ...imported.filter(isForeign)]) {
      if (drawing[path] !== specifier) found.push(`${path} imports ${specifier}`);
    }
    const use = foreignNames.exec(withoutComments(await textOf(path)));
    if (use) found.push(`${path} uses ${use[0]}`);
  }
  assert.deepEqual(found, []);
});

Deno.test("only one module imports ONNX Runtime", () => {
  const users = [...modules.values()].filter(({ modules }) =>
    modules.includes("lib/packages/onnxruntime_node.ts")
  );
  assert.deepEqual(users.map(({ path }) => path), ["lib/platform/onnx_runtime.ts"]);
});

Deno.test("lib/platform/README.md describes every module there", async () => {
  const text = await textOf("lib/platform/README.md");
  const cells = [...text.matchAll(/^\| (`[^|]*) \|/gm)].map(([, cell]) => cell);
  const described = cells.flatMap((cell) =>
    [...cell.matchAll(/`(\w+\.ts)`/g)].map(([, name]) => name)
  );
  const present = [...modules.keys()].filter((path) => path.startsWith("lib/platform/"));
  assert.deepEqual(described.sort(), present.map((path) => path.split("/").at(-1)).sort());
});

Deno.test("workers have unique file names, since bundles identify them by name", () => {
  const names = [...modules.keys()].filter((path) => path.endsWith("_worker.ts"))
    .map((path) => path.split("/").at(-1)!);
  assert.equal(new Set(names).size, names.length);
});

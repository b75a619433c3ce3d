import assert from "node:assert/strict";
import { readModuleImports, textOf, withoutComments } from "./module_imports.ts";

/** Folders that may use this platform: the seam, and what runs only on this platform. */
const bound = ["lib/platform/", "lib/cli/", "lib/notebook/"];

const isForeign = (specifier: string) => /^(node:|@std\/path$|onnxruntime-node$)/.test(specifier);

/** Uses of globals that only Deno, Node or a thread provides. */
const foreignNames = /\b(Deno\.\w+|process\.[a-z]\w*|navigator\.\w+|Buffer\.\w+|import\.meta\.\w+)/;

/** Paths of modules in a folder, by their names separated by spaces. */
function within(folder: string, names: string): string[] {
  return names.split(" ").map((name) => `${folder}/${name}.ts`);
}

/**
 * Folders and modules that compute, with the modules of `lib/platform/` that they may load,
 * directly or indirectly.
 */
const computing: readonly {
  readonly modules: readonly string[];
  readonly platform: readonly string[];
}[] = [
  {
    modules: [
      "array/",
      "morphology/",
      "random/",
      "simd/",
      "graph/",
      "autodiff/",
      "lowering/",
      "network/",
      "augmentation/",
      "planning/",
      ...within("ensembling", "merge voting"),
      ...within("evaluation", "details overlap scored_classes surface"),
      ...within("files", "dataset dataset_json dataset_json_v1 dataset_labels details_json"),
      ...within("files", "fingerprint_json paths plans_json postprocessing_format python_json"),
      ...within("files", "splits_json summary_json"),
      ...within("image", "geometry image_from itk_grid"),
      ...within("image/nifti", "nifti_affine"),
      ...within("image/tiff", "tiff_predictors"),
      ...within("memory", "prediction_memory preprocessing_memory window_memory"),
      ...within("model", "exported_model heads inference_graph mirroring model_facts"),
      ...within("model", "model_metadata"),
      ...within("postprocessing", "component_overlap steps"),
      ...within("preprocessing", "cascade_input class_locations crop normalize outside_mask"),
      ...within("preprocessing", "resample_segmentation resampling_rules resize_graph"),
      ...within("training", "schedule"),
      ...within("training/batches", "batch patch_sampler"),
      ...within("training/step", "adam loss_scaling losses optimizer pseudo_dice sgd"),
      ...within("training/step", "step_graph step_plan targets"),
    ],
    platform: [],
  },
  // ONNX Runtime resizes large volumes.
  {
    modules: ["preprocessing/resample.ts"],
    platform: ["onnx_runtime", "processors"],
  },
  // Sums over tiles that do not fit in memory are in a scratch file.
  {
    modules: ["window/"],
    platform: ["onnx_runtime", "processors", "scratch_file", "shared_memory"],
  },
  { modules: ["labels/"], platform: ["processors", "shared_memory", "workers"] },
  // Decompression lets other work run in between.
  {
    modules: [
      ...within("image", "bmp mha"),
      ...within("image/dicom", "dicom_deflate dicom_series dicom_slice"),
      ...within("image/nifti", "nifti nifti_file nifti_header nifti_voxels"),
      ...within("image/nrrd", "nrrd nrrd_header nrrd_text"),
      ...within("image/tiff", "tiff tiff_directory tiff_packing tiff_pixels tiff_writer"),
      ...within("image", "file_content gzip image_source pieces stored_image voxels"),
    ],
    platform: ["next_turn", "zlib"],
  },
  {
    modules: within("image", "decode_file png registry"),
    platform: ["next_turn", "png_codec", "zlib"],
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
  const foreign = packages.find(isForeign);
  if (foreign) return [path, foreign];
  for (const next of loaded) {
    if (seen.has(next)) continue;
    if (next.startsWith("lib/platform/")) {
      const name = next.slice("lib/platform/".length, -".ts".length);
      if (!allowed.includes(name)) return [path, next];
      continue;
    }
    const chain = forbiddenChain(next, allowed, seen);
    if (chain) return [path, ...chain];
  }
}

Deno.test("modules that compute load only the listed parts of the platform", () => {
  const found: string[] = [];
  for (const { modules: names, platform } of computing) {
    for (const name of names) {
      const paths = [...modules.keys()].filter((path) =>
        name.endsWith("/") ? path.startsWith(`lib/${name}`) : path === `lib/${name}`
      );
      assert.ok(paths.length > 0, `found no lib/${name}, expected every listed module to exist`);
      for (const path of paths) {
        const chain = forbiddenChain(path, platform);
        if (chain) found.push(chain.join(" → "));
      }
    }
  }
  assert.deepEqual(found, []);
});

Deno.test("only lib/platform/ uses Deno, Node and onnxruntime-node", async () => {
  const found: string[] = [];
  for (const { path, packages } of modules.values()) {
    if (bound.some((folder) => path.startsWith(folder))) continue;
    for (const specifier of packages.filter(isForeign)) found.push(`${path} imports ${specifier}`);
    const use = foreignNames.exec(withoutComments(await textOf(path)));
    if (use) found.push(`${path} uses ${use[0]}`);
  }
  assert.deepEqual(found, []);
});

Deno.test("only one module imports ONNX Runtime", () => {
  const users = [...modules.values()].filter(({ packages }) =>
    packages.some((specifier) => specifier.startsWith("onnxruntime"))
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

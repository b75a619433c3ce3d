import assert from "node:assert/strict";
import { readModuleImports, textOf, withoutComments } from "./module_imports.ts";

/** Folders that may use this platform: the seam, and what runs only on this platform. */
const bound = ["lib/platform/", "lib/cli/", "lib/notebook/"];

const isForeign = (specifier: string) => /^(node:|@std\/path$|onnxruntime-node$)/.test(specifier);

/** Uses of globals that only Deno, Node or a thread provides. */
const foreignNames = /\b(Deno\.\w+|process\.[a-z]\w*|navigator\.\w+|Buffer\.\w+|import\.meta\.\w+)/;

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
      ...["overlap", "surface", "details"].map((name) => `evaluation/${name}.ts`),
      ...["losses", "sgd", "adam", "optimizer", "schedule", "step_graph", "targets", "pseudo_dice"]
        .map((name) => `training/${name}.ts`),
      ...["batch", "patch_sampler", "step_plan"].map((name) => `training/${name}.ts`),
      ...["heads", "model_facts"].map((name) => `model/${name}.ts`),
      ...["dataset", "dataset_json", "dataset_json_v1", "dataset_labels", "details_json"]
        .map((name) => `files/${name}.ts`),
      ...["fingerprint_json", "paths", "plans_json", "postprocessing_format", "python_json"]
        .map((name) => `files/${name}.ts`),
      ...["splits_json", "summary_json"].map((name) => `files/${name}.ts`),
      ...[
        "class_locations",
        "crop",
        "normalize",
        "resample_segmentation",
        "resampling_rules",
        "resize_graph",
      ]
        .map((name) => `preprocessing/${name}.ts`),
      ...["geometry", "image_from", "itk_grid", "nifti_affine", "tiff_predictors"]
        .map((name) => `image/${name}.ts`),
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
      ...["bmp", "dicom_series", "mha", "nifti", "nifti_file", "nrrd", "tiff"],
      ...["dicom_deflate", "dicom_slice", "file_content", "gzip", "nifti_header", "nifti_voxels"],
      ...["nrrd_header", "nrrd_text", "pieces", "stored_image", "tiff_directory", "tiff_packing"],
      ...["tiff_pixels", "tiff_writer", "voxels"],
    ].map((name) => `image/${name}.ts`),
    platform: ["next_turn", "zlib"],
  },
  {
    modules: ["png", "registry", "decode_file"].map((name) => `image/${name}.ts`),
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

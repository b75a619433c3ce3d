/**
 * The Python with nnU-Net, with which tests, benchmarks and parity checks compare.
 *
 * `deno task test:python` creates it and prints the path of its interpreter, which tests read from
 * `NNUNET_TEST_PYTHON`.
 */

import { ensurePythonEnvironment } from "../kernels/python_environment.ts";

/**
 * nnU-Net, its dependencies and what the tests import, pinned, as arguments of two calls of pip.
 * Both name PyTorch, because torchvision would install a newer one.
 */
const requirements = [
  ["torch==2.13.0"],
  [
    "torch==2.13.0",
    "torchvision==0.28.0",
    "nnunetv2==2.8.1",
    "batchgenerators==0.25.5",
    "batchgeneratorsv2==0.3.6",
    "numpy==2.4.6",
    "onnx==1.23.2",
    "scikit-image==0.26.0",
    "scipy==1.17.1",
    "SimpleITK==2.5.7",
    "blosc2==4.14.1",
    "tensorboard==2.21.0",
    // The last version that reads run files in Python; later ones have the same format.
    "wandb==0.19.11",
    // DICOM: its elements, the decoders and encoders of packed pixels, and segmentations.
    "pydicom==3.0.2",
    "pylibjpeg==2.1.0",
    "pylibjpeg-libjpeg==2.5.0",
    "pylibjpeg-openjpeg==2.6.0",
    "pyjpegls==1.5.1",
    "highdicom==0.28.2",
    // Checks the manifests of launches.
    "kubernetes-validate==1.37.0",
  ],
];

/**
 * Returns the path of the interpreter; the first call installs the packages, which takes minutes.
 *
 * @throws {NoPythonError} If there is no Python.
 */
export function ensureNnunetPython(): Promise<string> {
  return ensurePythonEnvironment("nnunetv2", requirements);
}

if (import.meta.main) console.log(await ensureNnunetPython());

/** The script of all workers of pages that use `nnunet/browser`. */

import { runNamedModule } from "./run_named_module.ts";

runNamedModule({
  batch_worker: () => import("../training/batches/batch_worker.ts"),
  engine_worker: () => import("../runtime/engine_worker.ts"),
  evaluate_worker: () => import("../evaluation/evaluate_worker.ts"),
  export_worker: () => import("../inference/export_worker.ts"),
  fingerprint_worker: () => import("../planning/fingerprint_worker.ts"),
  label_worker: () => import("../labels/label_worker.ts"),
  network_worker: () => import("../inference/network_worker.ts"),
  phantom_worker: () => import("../../data/phantom_worker.ts"),
  prepare_worker: () => import("../inference/prepare_worker.ts"),
  preprocess_worker: () => import("../preprocessing/preprocess_worker.ts"),
  weights_worker: () => import("../training/weights_worker.ts"),
});

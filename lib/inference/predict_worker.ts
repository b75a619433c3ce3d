/** The worker behind `Predictor`: preprocesses a scan, runs the networks over it, exports labels. */

import type { Image } from "../image/image.ts";
import type { Configuration, PlansData } from "../planning/plans.ts";
import { preprocessCase } from "../preprocessing/preprocess_case.ts";
import { notify, serve, Transferred } from "../runtime/remote.ts";
import { type HostTensor, Session } from "../runtime/session.ts";
import { checkOf, type StopFlag } from "../runtime/stop_flag.ts";
import { exportLogits } from "./export.ts";
import { inferenceNames } from "./inference_graph.ts";
import { slidingWindow } from "./sliding_window.ts";

/** What a worker needs to know; plain data. */
export interface PredictWorkerOptions {
  /** One ONNX model a fold; their logits are averaged. */
  readonly models: readonly Uint8Array<ArrayBuffer>[];
  readonly plans: Pick<PlansData, "transposeForward" | "transposeBackward" | "intensityProperties">;
  readonly configuration: Pick<
    Configuration,
    "spacing" | "normalizationSchemes" | "useMaskForNorm" | "patchSize"
  >;
  readonly heads: number;
  readonly mirrorAxes: readonly number[];
  readonly stepSize: number;
  readonly threads?: number;
}

/** Sent after each pass of a network. */
export interface PredictProgress {
  readonly done: number;
  readonly total: number;
}

let sessions: Session[] = [];
let options: PredictWorkerOptions;

const api = {
  async open(given: PredictWorkerOptions): Promise<void> {
    options = given;
    const { threads } = given;
    sessions = await Promise.all(given.models.map((model) => Session.create(model, { threads })));
  },

  /** Segments a scan; fails between two passes when the flag is raised. */
  async predict(image: Image, stop: StopFlag) {
    const { plans, configuration, heads, mirrorAxes, stepSize } = options;
    const { data, properties } = await preprocessCase({
      name: "image",
      image,
      plans,
      configuration,
      labels: [],
      threads: options.threads,
    });
    let sum: Float32Array<ArrayBuffer> | undefined;
    let shape: readonly number[] = [];
    for (const [fold, session] of sessions.entries()) {
      const logits = await slidingWindow(data, tilePredictor(session), {
        tileSize: configuration.patchSize,
        heads,
        mirrorAxes,
        stepSize,
        signal: checkOf(stop),
        onProgress: (done, total) =>
          notify(
            { done: fold * total + done, total: total * sessions.length } satisfies PredictProgress,
          ),
      });
      shape = logits.shape;
      if (sum) { for (let i = 0; i < sum.length; i++) sum[i] += logits.data[i]; }
      else sum = logits.data;
    }
    for (let i = 0; i < sum!.length; i++) sum![i] /= sessions.length;
    const labels = exportLogits({ shape, data: sum! }, { properties, plans, configuration });
    return new Transferred(labels, [labels.data.buffer]);
  },
};

function tilePredictor(session: Session) {
  // Every tile's logits go where the last one's were.
  let into: Record<string, HostTensor> = {};
  return async ({ shape, data }: { shape: readonly number[]; data: Float32Array<ArrayBuffer> }) => {
    const image: HostTensor = { type: "float32", shape: [1, ...shape], data };
    into = await session.run({ [inferenceNames.image]: image }, into);
    return into[inferenceNames.logits].data as Float32Array<ArrayBuffer>;
  };
}

/** What the worker serves. */
export type PredictApi = typeof api;

serve(api);

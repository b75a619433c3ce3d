/** The worker that runs networks over a volume. */

import type { NdArray } from "../array/nd_array.ts";
import { notify, serve, Transferred } from "../runtime/remote.ts";
import { type HostTensor, Session } from "../runtime/session.ts";
import { checkOf, type StopFlag } from "../runtime/stop_flag.ts";
import { inferenceNames } from "./inference_graph.ts";
import { slidingWindow } from "./sliding_window.ts";

/** What the worker needs to know; plain data. */
export interface NetworkOptions {
  /** One ONNX model a fold; their logits are averaged. */
  readonly models: readonly Uint8Array<ArrayBuffer>[];
  readonly patchSize: readonly number[];
  readonly heads: number;
  readonly mirrorAxes: readonly number[];
  readonly stepSize: number;
  readonly gaussian: boolean;
  readonly threads?: number;
}

/** Sent after each pass of a network. */
export interface NetworkProgress {
  readonly done: number;
  readonly total: number;
}

let sessions: Session[] = [];
let options: NetworkOptions;

const api = {
  async open(given: NetworkOptions): Promise<void> {
    options = given;
    const { threads } = given;
    sessions = await Promise.all(given.models.map((model) => Session.create(model, { threads })));
  },

  /**
   * Logits of a preprocessed case, (c, z, y, x) → (heads, z, y, x); fails between two passes when
   * the flag is raised.
   */
  async run(data: NdArray<Float32Array<ArrayBuffer>>, stop: StopFlag) {
    const { patchSize, heads, mirrorAxes, stepSize, gaussian } = options;
    const networks = sessions.map(tilePredictor);
    const sum = new Float32Array(heads * patchSize.reduce((a, b) => a * b));
    const folds = networks.length;
    const logits = await slidingWindow(data, async (tile) => {
      if (folds === 1) return await networks[0](tile);
      sum.fill(0);
      for (const network of networks) {
        checkOf(stop).throwIfAborted();
        const one = await network(tile);
        for (let i = 0; i < sum.length; i++) sum[i] += one[i];
      }
      for (let i = 0; i < sum.length; i++) sum[i] /= folds;
      return sum;
    }, {
      tileSize: patchSize,
      heads,
      mirrorAxes,
      stepSize,
      gaussian,
      signal: checkOf(stop),
      onProgress: (done, total) =>
        notify({ done: folds * done, total: folds * total } satisfies NetworkProgress),
    });
    return new Transferred(logits, [logits.data.buffer]);
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
export type NetworkApi = typeof api;

serve(api);

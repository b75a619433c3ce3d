/** A network's model as the CPU runs it fastest. */

import { encodeModel } from "../graph/encode.ts";
import { type ComputeConstants, foldConstants } from "../graph/fold_constants.ts";
import { Graph } from "../graph/graph.ts";
import { importedNetwork } from "../graph/imported_network.ts";
import { channelBlockNames, channelBlockOf } from "../lowering/channel_block.ts";
import { lowerFor } from "../lowering/for_device.ts";
import { lower } from "../lowering/lower.ts";
import { blockConvTranspose } from "../lowering/transposed_convolution.ts";
import { Session, type SessionOptions } from "../runtime/session.ts";
import { inferenceNames } from "./inference_graph.ts";

/**
 * Loads an inference model of this project.
 *
 * 3D networks go into blocked channels where the processor has them. 2D ones stay as they are:
 * ONNX Runtime blocks their channels itself, since their weights are constant, and no worse.
 *
 * @returns A session from `image` (1, c, …patch) to `logits` (1, heads, …patch).
 * @throws {TypeError} If the model is not one of this project.
 */
export async function openCpuNetwork(
  model: Uint8Array,
  options: Pick<SessionOptions, "threads"> = {},
): Promise<Session> {
  const { shape, build } = importedNetwork(model);
  const graph = new Graph("n");
  graph.output(
    inferenceNames.logits,
    build(graph.input(inferenceNames.image, "float32", shape)),
  );
  const channelBlock = shape.length === 5 ? await channelBlockOf(runOnce) : 1;
  // Without blocks, ONNX Runtime's own operators are fast where weights are constant, but for one.
  const lowered = channelBlock > 1
    ? lowerFor("cpu", graph, { channelBlock })
    : lower(graph, { ConvTranspose: blockConvTranspose });
  return await Session.create(encodeModel(await foldConstants(lowered, computeConstants)), options);
}

const computeConstants: ComputeConstants = (graph) =>
  withSession(encodeModel(graph), (session) => session.run({}));

const runOnce: Parameters<typeof channelBlockOf>[0] = (model, input) =>
  withSession(model, async (session) => {
    const outputs = await session.run({ [channelBlockNames.input]: input });
    return outputs[channelBlockNames.output];
  });

async function withSession<T>(
  model: Uint8Array,
  use: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await Session.create(model);
  try {
    return await use(session);
  } finally {
    await session.release();
  }
}

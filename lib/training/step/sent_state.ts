/**
 * Sends a training's state from the engine to another thread, past the one that trains.
 *
 * Large arrays that pass through a thread make its garbage collector wait for other threads, also
 * where they are transferred. A notebook's thread would be blocked for hundreds of milliseconds.
 */

import { receiveTensors } from "../../runtime/sent_tensors.ts";
import type { OptimizerState } from "./optimizer.ts";
import { stepNames } from "./step_names.ts";
import { broughtTogether, trainedLayout, type VectorLayout } from "./vector_layout.ts";

/** A state that a {@link StepRunner} sends. It can be passed to a worker, which transfers the port. */
export interface SentState {
  /** Receives the tensors; see {@link receiveState}. */
  readonly port: MessagePort;
  /** The parameters, as the engine's vectors hold them. */
  readonly layout: VectorLayout;
}

/** Waits for a state. @throws {Error} If the engine cannot send it. */
export async function receiveState({ port, layout }: SentState): Promise<OptimizerState> {
  const tensors = await receiveTensors(port);
  const dataOf = (name: string) => tensors[name].data as Float32Array<ArrayBuffer>;
  return {
    weights: broughtTogether(dataOf(stepNames.weights), layout),
    momentum: broughtTogether(dataOf(stepNames.momentum), trainedLayout(layout)),
    ...stepNames.scaling in tensors && { scaling: dataOf(stepNames.scaling) },
  };
}

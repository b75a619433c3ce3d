/** Messages about files that concern all threads: what was cleaned up after killed processes. */

import { formatBytes } from "../options/format_bytes.ts";

/** What was cleaned up in one place. */
export type Recovery =
  /** A folder was missing in the middle of its replacement, and is there again. */
  | { readonly folder: string; readonly finished: "new" | "old" }
  /** Files or folders that were being written in a folder were removed. */
  | { readonly folder: string; readonly removed: number; readonly bytes: number };

/** Describes for users what was cleaned up. */
export function describeRecovery(recovery: Recovery): string {
  const { folder } = recovery;
  if ("removed" in recovery) {
    const { removed, bytes } = recovery;
    const what = removed === 1 ? "a partial file or folder" : `${removed} partial files or folders`;
    return `Removed ${what} that stopped runs left in ${folder}: ${formatBytes(bytes)}`;
  }
  return recovery.finished === "new"
    ? `Finished replacing ${folder}, which a stopped run had begun`
    : `Restored ${folder}, which a stopped run had begun to replace`;
}

/** What workers send to the thread that started them, besides the answers to its calls. */
type Topic = "recovery" | "writesIn";

/** Name of the field that distinguishes these messages from others. */
const FIELD = "nnunetFiles";

const listeners: Record<Topic, Set<(value: unknown) => void>> = {
  recovery: new Set(),
  writesIn: new Set(),
};

/** Listens to the reports of this thread and of the workers that it starts. */
export function onRecovery(listener: (recovery: Recovery) => void): void {
  onSent("recovery", (value) => listener(value as Recovery));
}

/** Reports what was cleaned up. */
export function report(recovery: Recovery): void {
  pass("recovery", recovery);
}

/** Listens to what the workers send that this thread starts. */
export function onSent(topic: Topic, listener: (value: unknown) => void): void {
  listeners[topic].add(listener);
}

/** Sends a message to the thread that started this worker; does nothing in the main thread. */
export function sendToStarter(topic: Topic, value: unknown): void {
  const scope = globalThis as { WorkerGlobalScope?: unknown; postMessage?(message: unknown): void };
  if (scope.WorkerGlobalScope !== undefined) scope.postMessage?.({ [FIELD]: topic, value });
}

/** Passes on what a worker sends by {@link sendToStarter}. */
export function relay(worker: Worker): void {
  worker.addEventListener("message", (event) => {
    const topic = event.data?.[FIELD] as Topic | undefined;
    if (topic === undefined) return;
    event.stopImmediatePropagation(); // Others take messages for answers.
    pass(topic, event.data.value);
  });
}

function pass(topic: Topic, value: unknown): void {
  sendToStarter(topic, value);
  for (const listener of listeners[topic]) listener(value);
}

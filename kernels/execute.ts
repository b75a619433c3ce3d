/** Runs code in a kernel silently: without output, execution count or history. */

import type { Connection } from "./connection.ts";
import { Dealer } from "./zmtp.ts";

/** Milliseconds between attempts to connect to a kernel that is starting. */
const RETRY_INTERVAL = 5;
const delimiter = "<IDS|MSG>";
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Runs code in a kernel, waiting for the kernel to start.
 *
 * @param signal Ends the wait.
 * @throws {Error} If the code fails.
 */
export async function execute(
  connection: Connection,
  code: string,
  signal: AbortSignal,
): Promise<void> {
  using shell = await reach(connection, signal);
  await shell.send(
    await signed(connection.key, {
      header: {
        msg_id: crypto.randomUUID(),
        session: crypto.randomUUID(),
        username: "kernel",
        date: new Date().toISOString(),
        msg_type: "execute_request",
        version: "5.3",
      },
      parent: {},
      metadata: {},
      content: { code, silent: true, store_history: false, allow_stdin: false },
    }),
  );
  const frames = await shell.receive();
  // The delimiter is followed by signature, header, parent header, metadata and content.
  const begin = frames.findIndex((frame) => decoder.decode(frame) === delimiter);
  const content = JSON.parse(decoder.decode(frames[begin + 5]));
  if (content.status !== "ok") {
    throw new Error(`Cannot prepare the kernel: ${content.ename}: ${content.evalue}`);
  }
}

async function reach({ ip, shell_port }: Connection, signal: AbortSignal): Promise<Dealer> {
  while (true) {
    signal.throwIfAborted();
    try {
      return await Dealer.connect(ip, shell_port);
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_INTERVAL));
    }
  }
}

interface Message {
  readonly header: unknown;
  readonly parent: unknown;
  readonly metadata: unknown;
  readonly content: unknown;
}

/** A message's frames, signed by HMAC-SHA256. */
async function signed(key: string, message: Message): Promise<Uint8Array[]> {
  const { header, parent, metadata, content } = message;
  const parts = [header, parent, metadata, content].map((part) =>
    encoder.encode(JSON.stringify(part))
  );
  return [encoder.encode(delimiter), encoder.encode(await signature(key, parts)), ...parts];
}

async function signature(key: string, parts: readonly Uint8Array[]): Promise<string> {
  if (key === "") return ""; // With an empty key, Jupyter does not sign messages.
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const secret = await crypto.subtle.importKey("raw", encoder.encode(key), algorithm, false, [
    "sign",
  ]);
  const text = Uint8Array.from(parts.flatMap((part) => [...part]));
  const bytes = new Uint8Array(await crypto.subtle.sign("HMAC", secret, text));
  return bytes.toHex();
}

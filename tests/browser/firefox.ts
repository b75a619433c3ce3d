/**
 * Opens pages in a headless Firefox, by WebDriver BiDi.
 *
 * `NNUNET_TEST_FIREFOX` is the path of Firefox, by default one on the PATH.
 *
 * @see https://w3c.github.io/webdriver-bidi/
 */

import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { findOnPath } from "./browser.ts";

const executable = Deno.env.get("NNUNET_TEST_FIREFOX") ?? findOnPath(["firefox-esr", "firefox"]);

/** Seconds that Firefox may take to start. */
const START_SECONDS = 60;

/** The parts of a page that tests use, as playwright has them. */
export type FirefoxPage = Pick<Page, "goto" | "evaluate">;

/** Defines a test with a page in Firefox. */
export function testInFirefox(name: string, fn: (page: FirefoxPage) => Promise<void>): void {
  const missing = executable === undefined;
  Deno.test({
    name: missing ? `${name} (skipped: install firefox-esr or set NNUNET_TEST_FIREFOX)` : name,
    ignore: missing,
    fn: () => withFirefox(fn),
  });
}

async function withFirefox(use: (page: FirefoxPage) => Promise<void>): Promise<void> {
  const profile = await Deno.makeTempDir({ prefix: "nnunet_firefox_" });
  const process = new Deno.Command(executable!, {
    args: ["--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0"],
    // Firefox refuses a home of another user, such as root's under sudo.
    env: { HOME: profile },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  try {
    const { address, rest } = await addressIn(process.stderr);
    await using connection = await Connection.open(`${address}/session`);
    await connection.call("session.new", { capabilities: {} });
    const { contexts: [{ context }] } = await connection.call("browsingContext.getTree", {}) as {
      contexts: { context: string }[];
    };
    await use(pageIn(connection, context));
    await rest.cancel();
  } finally {
    try {
      process.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await process.status;
    await Deno.remove(profile, { recursive: true }).catch(() => {}); // A child may still write.
  }
}

/** Reads where Firefox listens. @throws {AssertionError} If it does not say so. */
async function addressIn(stderr: ReadableStream<Uint8Array>) {
  const reader = stderr.pipeThrough(
    new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>,
  ).getReader();
  const timer = setTimeout(() => void reader.cancel(), 1000 * START_SECONDS);
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    text += value ?? "";
    const [, address] = /WebDriver BiDi listening on (ws:\S+)\s/.exec(text) ?? [];
    if (address === undefined && !done) continue;
    clearTimeout(timer);
    assert.ok(address, `Firefox did not start: ${text}`);
    return { address, rest: reader };
  }
}

/** A connection to the browser. */
class Connection implements AsyncDisposable {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  #calls = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      const reply: Reply = JSON.parse(data);
      if (reply.id === undefined) return; // An event.
      this.#waiting.get(reply.id)?.(reply);
      this.#waiting.delete(reply.id);
    };
  }

  static open(address: string): Promise<Connection> {
    const socket = new WebSocket(address);
    return new Promise((resolve, reject) => {
      socket.onopen = () => resolve(new Connection(socket));
      socket.onerror = () => reject(new Error(`Cannot connect to ${address}`));
    });
  }

  async call(method: string, params: object): Promise<unknown> {
    const id = this.#calls++;
    const { promise, resolve } = Promise.withResolvers<Reply>();
    this.#waiting.set(id, resolve);
    this.#socket.send(JSON.stringify({ id, method, params }));
    const { type, result, message } = await promise;
    if (type === "error") throw new Error(`${method}: ${message}`);
    return result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#socket.onclose = () => resolve();
    this.#socket.close();
    await promise;
  }
}

interface Reply {
  readonly id?: number;
  readonly type: "success" | "error" | "event";
  readonly result?: unknown;
  readonly message?: string;
}

interface Evaluated {
  readonly type: "success" | "exception";
  readonly result?: { readonly value?: string };
  readonly exceptionDetails?: { readonly text: string };
}

function pageIn(connection: Connection, context: string): FirefoxPage {
  return {
    async goto(url: string) {
      await connection.call("browsingContext.navigate", { context, url, wait: "complete" });
      return null;
    },
    async evaluate(run: unknown, argument?: unknown) {
      const { type, result, exceptionDetails } = await connection.call("script.callFunction", {
        functionDeclaration:
          `async (text) => JSON.stringify(await (${run})(text && JSON.parse(text)) ?? null)`,
        arguments: [{ type: "string", value: JSON.stringify(argument) ?? "" }],
        target: { context },
        awaitPromise: true,
      }) as Evaluated;
      if (type === "exception") throw new Error(exceptionDetails!.text);
      return JSON.parse(result!.value!);
    },
  } as FirefoxPage;
}

/** What threads ask of the thread that owns a page's files, and the messages that carry it. */

import { FileCode, type FileTree } from "./file_tree.ts";

/** What a thread may do with the files: the tree's operations, and waiting until they are saved. */
export type FileCalls =
  & Omit<FileTree, "entries" | "restore">
  & {
    /** Waits until all changes are kept, if files are kept at all. */
    saved(): Promise<void>;
  };

/** Names of the calls. */
export type CallName = keyof FileCalls;

/** Calls the functions of the owner from any thread. */
export interface FileAccess {
  /** @throws {FileCode} With the system's name of the error. */
  call<N extends CallName>(
    name: N,
    ...args: Parameters<FileCalls[N]>
  ): Promise<Awaited<ReturnType<FileCalls[N]>>>;
  /** Lets another thread, at the other end of a port, reach the files. */
  serve(port: MessagePort): void;
}

interface Request {
  readonly call: number;
  readonly name: CallName;
  readonly args: readonly unknown[];
}

type Message = Request | { readonly port: MessagePort };

type Answer =
  | { readonly call: number; readonly value: unknown }
  | { readonly call: number; readonly code: string };

/** The owner's end: does what is asked, in the order of the messages. */
export class OwnFiles implements FileAccess {
  readonly #calls: FileCalls;

  /** @param calls The files' functions. */
  constructor(calls: FileCalls) {
    this.#calls = calls;
  }

  call<N extends CallName>(name: N, ...args: Parameters<FileCalls[N]>) {
    const work = this.#calls[name] as (...args: Parameters<FileCalls[N]>) => unknown;
    // What is thrown becomes a rejection.
    const done = (async () => await work.apply(this.#calls, args))();
    return done as Promise<Awaited<ReturnType<FileCalls[N]>>>;
  }

  serve(port: MessagePort): void {
    port.onmessage = ({ data }: MessageEvent<Message>) => {
      // A worker passes on the port of a worker that it started.
      if ("port" in data) return this.serve(data.port);
      const { call, name, args } = data;
      this.call(name, ...args as never).then(
        (value) => port.postMessage({ call, value } satisfies Answer),
        (error) => {
          const code = error instanceof FileCode ? error.code : "EIO";
          port.postMessage({ call, code } satisfies Answer);
        },
      );
    };
  }
}

/** The end of any other thread. */
export class SharedFiles implements FileAccess {
  readonly #port: MessagePort;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #calls = 0;

  /** @param port The other end is served by {@link FileAccess.serve}. */
  constructor(port: MessagePort) {
    this.#port = port;
    port.onmessage = ({ data }: MessageEvent<Answer>) => {
      const { resolve, reject } = this.#waiting.get(data.call)!;
      this.#waiting.delete(data.call);
      if ("code" in data) reject(new FileCode(data.code));
      else resolve(data.value);
    };
  }

  call<N extends CallName>(name: N, ...args: Parameters<FileCalls[N]>) {
    const answer = Promise.withResolvers<unknown>();
    const call = this.#calls++;
    this.#waiting.set(call, answer);
    this.#port.postMessage({ call, name, args } satisfies Request);
    return answer.promise as Promise<Awaited<ReturnType<FileCalls[N]>>>;
  }

  serve(port: MessagePort): void {
    this.#port.postMessage({ port } satisfies Message, [port]);
  }
}

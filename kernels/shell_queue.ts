/**
 * Hands requests to Deno's kernel one at a time, so that
 *
 * - **a failed or stopped cell ends the cells that wait**, as in Python's kernel. Deno's kernel runs
 *   them: "Run All" goes on after an error, and a stopped training is followed by the next cell.
 * - **outputs belong to the cell that made them.** Deno's kernel queues what is printed and attributes
 *   it to the cell that runs when it is sent, which may be the next one. So a cell ends only when a
 *   mark printed after it has come out, and what is still printed later belongs to it, too, as long as
 *   no other cell runs.
 */

import { type Header, headerOf, Message } from "./message.ts";
import type { KernelError } from "./missing_name.ts";

/** Milliseconds after an error during which further requests still count as waiting. */
const GRACE = 50;

/** Milliseconds after which a cell ends although its mark has not come out. */
const MARK_LIMIT = 2000;

/** Milliseconds between attempts to see what the kernel publishes. */
const RETRY_INTERVAL = 50;

/** Where messages go. */
export interface Destinations {
  /** To the kernel's shell socket. */
  toKernel(message: Message): Promise<void> | void;
  /** To the shell socket of the client whose request it answers. */
  toClient(message: Message): Promise<void> | void;
  /** To all clients. */
  publish(message: Message): Promise<void> | void;
}

/** Returns the content of an error with a hint at what to do, or unchanged. */
export type Explain = (error: KernelError) => Promise<KernelError>;

/** A request that the kernel is working on. */
interface Running {
  readonly id: string;
  reply?: Message;
  idle?: Message;
  /** The text that ends its output; "" once it has come out. */
  mark: string;
  /** Whether only the reply is still waited for. */
  outOfTime: boolean;
  readonly ended: PromiseWithResolvers<void>;
}

/** The requests of all clients. */
export class ShellQueue {
  readonly #to: Destinations;
  readonly #explain: Explain;
  readonly #session = crypto.randomUUID();
  readonly #waiting: { readonly request: Message; aborted: boolean }[] = [];
  #busy = false;
  #interrupted = false;
  #running: Running | undefined;
  /** The cell to which outputs without a running cell belong. */
  #cell: Message | undefined;
  #ownRequests = 0;
  /** Requests without a reply. The kernel does not say whose request it answers. */
  readonly #unanswered = new Map<string, Message>();

  constructor(to: Destinations, explain: Explain = (error) => Promise.resolve(error)) {
    this.#to = to;
    this.#explain = explain;
  }

  /** Adds a request of a client; resolves at once unless the queue was empty. */
  async add(request: Message): Promise<void> {
    const { msg_id, msg_type } = request.header;
    if (msg_type.endsWith("_request")) this.#unanswered.set(msg_id, request);
    this.#waiting.push({ request, aborted: false });
    if (this.#busy) return;
    this.#busy = true;
    try {
      for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
        const { request, aborted } = next;
        if (request.header.msg_type !== "execute_request") await this.#to.toKernel(request);
        else if (aborted) await this.#answerAborted(request);
        else await this.#execute(request);
      }
    } finally {
      this.#busy = false;
    }
  }

  /** Ends the cells that wait, once the running one has ended. */
  interrupt(): void {
    this.#interrupted = this.#running !== undefined;
  }

  /**
   * Waits for the kernel, and runs code of our own: without output, execution count or history.
   *
   * @throws {Error} If the code fails.
   */
  async begin(code: string): Promise<void> {
    const { reply } = await this.#run(this.#silent(code), { limit: 0 });
    const { status, ename, evalue } = reply!.content;
    if (status !== "ok") throw new Error(`Cannot prepare the kernel: ${ename}: ${evalue}`);
    // What the kernel publishes arrives only after our subscription has reached it.
    while (!(await this.#run(this.#silent(""), { limit: RETRY_INTERVAL })).idle);
  }

  /** Takes a message from the kernel's shell socket. */
  async replied(message: Message): Promise<void> {
    if (message.parent.msg_id === this.#running?.id) {
      this.#running!.reply = message;
      this.#endIfComplete();
    } else await this.#answer(message);
  }

  /** Addresses a message of the kernel to the client whose request it belongs to, if it waits. */
  addressed(message: Message): Message | undefined {
    const request = this.#unanswered.get(message.parent.msg_id ?? "");
    return request && message.with({ identities: request.identities });
  }

  async #answer(reply: Message): Promise<void> {
    const answer = this.addressed(reply);
    if (!answer) return;
    this.#unanswered.delete(reply.parent.msg_id!);
    await this.#to.toClient(answer);
  }

  /** Takes a message that the kernel published. */
  async published(message: Message): Promise<void> {
    const { msg_type } = message.header;
    const { msg_id } = message.parent;
    if (msg_type === "status") {
      if (msg_id === this.#running?.id && message.content.execution_state === "idle") {
        this.#running!.idle = message;
        this.#endIfComplete();
        return;
      }
      if (!this.#isOwn(message.parent)) await this.#to.publish(message);
      return;
    }
    const output = msg_type === "stream"
      ? this.#withoutMark(message)
      : msg_type === "error"
      ? await this.#explained(message)
      : message;
    if (!output) return;
    if (!this.#isOwn(message.parent)) return await this.#to.publish(output);
    // Our own requests have no outputs: these are late ones of the cell before.
    if (this.#cell && isOutput(msg_type)) {
      await this.#to.publish(output.with({ parent: this.#cell.header }));
    }
  }

  async #execute(request: Message): Promise<void> {
    this.#interrupted = false;
    this.#cell = request;
    const { reply, idle } = await this.#run(request);
    const mark = `${this.#session}_end_${this.#ownRequests}\n`;
    // Its value is that of the cell before, which the next cell may use by the name `_`.
    const code = `globalThis[Symbol.for("nnunet.kernel")].print(${JSON.stringify(mark.trim())}), _`;
    await this.#run(this.#silent(code), { mark, limit: MARK_LIMIT });
    const failed = reply!.content.status === "error";
    if (failed && request.content.stop_on_error !== false || this.#interrupted) {
      // Clients send all requests of "Run All" at once, but some may still be on their way. The reply
      // waits for them, so that requests made because of it are not among them.
      await new Promise((resolve) => setTimeout(resolve, GRACE));
      for (const waiting of this.#waiting) waiting.aborted = true;
    }
    this.#interrupted = false;
    await this.#answer(failed ? await this.#explained(reply!) : reply!);
    await this.#to.publish(idle!);
  }

  async #explained(message: Message): Promise<Message> {
    const { content } = message;
    const explained = await this.#explain(content as unknown as KernelError);
    return message.with({ content: { ...content, ...explained } });
  }

  /**
   * Sends a request and waits until the kernel has replied, is idle and has printed a mark.
   *
   * @param options.limit Milliseconds after which only the reply is waited for.
   */
  async #run(
    request: Message,
    { mark = "", limit }: { readonly mark?: string; readonly limit?: number } = {},
  ): Promise<Running> {
    const ended = Promise.withResolvers<void>();
    const running: Running = { id: request.header.msg_id, mark, outOfTime: false, ended };
    this.#running = running;
    const timer = limit === undefined ? undefined : setTimeout(() => {
      running.outOfTime = true;
      this.#endIfComplete(running);
    }, limit);
    try {
      await this.#to.toKernel(request);
      await ended.promise;
      return running;
    } finally {
      clearTimeout(timer);
      this.#running = undefined;
    }
  }

  #endIfComplete({ reply, idle, mark, outOfTime, ended } = this.#running!): void {
    if (reply && (idle && !mark || outOfTime)) ended.resolve();
  }

  /**
   * Takes marks out of what is printed, those that come out late included; undefined if nothing else
   * is printed.
   */
  #withoutMark(message: Message): Message | undefined {
    const text = String(message.content.text);
    if (!text.includes(this.#session)) return message;
    const running = this.#running;
    if (running?.mark && text.includes(running.mark)) {
      running.mark = "";
      this.#endIfComplete();
    }
    const rest = text.replaceAll(new RegExp(`${this.#session}_end_\\d+\n`, "g"), "");
    return rest ? message.with({ content: { ...message.content, text: rest } }) : undefined;
  }

  /** Answers as Python's kernel does: clients show the cell as not run. */
  async #answerAborted(request: Message): Promise<void> {
    const { header: parent } = request;
    await this.#publishStatus("busy", parent);
    const header = headerOf("execute_reply", this.#session);
    const content = { status: "aborted" };
    await this.#answer(Message.create({ header, parent, content }));
    await this.#publishStatus("idle", parent);
  }

  async #publishStatus(execution_state: "busy" | "idle", parent: Header): Promise<void> {
    const header = headerOf("status", this.#session);
    const content = { execution_state };
    await this.#to.publish(Message.create({ header, parent, content }));
  }

  #isOwn({ msg_id }: Partial<Header>): boolean {
    return msg_id?.startsWith(this.#session) ?? false;
  }

  #silent(code: string): Message {
    const msg_id = `${this.#session}_${this.#ownRequests++}`;
    return Message.create({
      header: { ...headerOf("execute_request", this.#session), msg_id },
      content: { code, silent: true, store_history: false, allow_stdin: false },
    });
  }
}

/** Whether a published message is shown below a cell, or belongs to what is. */
function isOutput(type: string): boolean {
  return type === "stream" || type.endsWith("display_data") || type === "clear_output" ||
    type.startsWith("comm_");
}

import assert from "node:assert/strict";
import { headerOf, Message } from "../../kernels/message.ts";
import { ShellQueue } from "../../kernels/shell_queue.ts";

type Content = Record<string, unknown>;

const child = (type: string, request: Message, content: Content) =>
  Message.create({ header: headerOf(type, "kernel"), parent: request.header, content });

/**
 * Deno's kernel as far as outputs go: what is printed is queued and sent as an output of the request
 * that is run by then.
 */
class SampleKernel {
  readonly ran: string[] = [];
  /** Marks that it was asked to print. */
  readonly marks: string[] = [];
  /** What clients saw: "cell:what". */
  readonly seen: string[] = [];
  readonly queue: ShellQueue;
  readonly #printed: string[] = [];
  #stopped = Promise.withResolvers<void>();

  constructor() {
    this.queue = new ShellQueue({
      toKernel: (request) => void this.#run(request),
      toClient: ({ parent, content }) =>
        void this.seen.push(`${parent.msg_id}:${content.status ?? "info"}`),
      publish: ({ header, parent, content }) =>
        void this.seen.push(
          `${parent.msg_id}:${content.text ?? content.execution_state ?? header.msg_type}`,
        ),
    });
  }

  interrupt() {
    this.queue.interrupt();
    this.#stopped.resolve();
  }

  async #run(request: Message) {
    const code = String(request.content.code ?? "");
    if (request.header.msg_type !== "execute_request") {
      return await this.queue.replied(child("kernel_info_reply", request, {}));
    }
    const publish = (type: string, content: Content) =>
      this.queue.published(child(type, request, content));
    await publish("status", { execution_state: "busy" });
    // What the request before printed is sent only now.
    for (const text of this.#printed.splice(0)) await publish("stream", { text });
    const mark = code.match(/print\("(.*?)"\)/);
    if (mark) {
      this.marks.push(mark[1]);
      this.#printed.push(`${mark[1]}\n`);
      for (const text of this.#printed.splice(0)) await publish("stream", { text });
    } else if (request.content.silent !== true) this.ran.push(code);
    if (code.startsWith("say")) this.#printed.push(code.slice(4));
    if (code === "wait") await this.#stopped.promise;
    const status = code === "fail" ? "error" : "ok";
    await this.queue.replied(child("execute_reply", request, { status }));
    await publish("status", { execution_state: "idle" });
  }
}

const cell = (msg_id: string, code: string, stop_on_error = true) =>
  Message.create({
    header: { ...headerOf("execute_request", "client"), msg_id },
    content: { code, stop_on_error },
  });

const without = (seen: readonly string[], ...ends: string[]) =>
  seen.filter((text) => !ends.some((end) => text.endsWith(`:${end}`)));

Deno.test("ShellQueue attributes outputs to the cell that printed them", async () => {
  const kernel = new SampleKernel();
  await kernel.queue.begin("");
  const done = kernel.queue.add(cell("a", "say one"));
  kernel.queue.add(cell("b", "say two"));
  kernel.queue.add(cell("c", "nothing"));
  await done;
  assert.deepEqual(without(kernel.seen, "busy"), [
    ...["a:one", "a:ok", "a:idle"],
    ...["b:two", "b:ok", "b:idle"],
    ...["c:ok", "c:idle"],
  ]);
});

Deno.test("ShellQueue ends the cells that wait when one fails", async () => {
  const kernel = new SampleKernel();
  const info = Message.create({
    header: { ...headerOf("kernel_info_request", "client"), msg_id: "info" },
    content: {},
  });
  const done = kernel.queue.add(cell("a", "fail"));
  kernel.queue.add(cell("b", "second"));
  kernel.queue.add(info);
  kernel.queue.add(cell("c", "third"));
  await done;
  assert.deepEqual(kernel.ran, ["fail"]);
  assert.deepEqual(without(kernel.seen, "busy", "idle"), [
    "a:error",
    "b:aborted",
    "info:info",
    "c:aborted",
  ]);
  for (const id of ["b", "c"]) {
    assert.equal(kernel.seen.filter((text) => text === `${id}:busy`).length, 1);
    assert.equal(kernel.seen.filter((text) => text === `${id}:idle`).length, 1);
  }
  await kernel.queue.add(cell("d", "later"));
  assert.deepEqual(kernel.ran, ["fail", "later"]);
});

Deno.test("ShellQueue goes on after an error if the request says so", async () => {
  const kernel = new SampleKernel();
  const done = kernel.queue.add(cell("a", "fail", false));
  kernel.queue.add(cell("b", "second"));
  await done;
  assert.deepEqual(kernel.ran, ["fail", "second"]);
});

Deno.test("ShellQueue ends the cells that wait when one is stopped, even if it succeeds", async () => {
  const kernel = new SampleKernel();
  kernel.queue.interrupt(); // Nothing runs, so nothing is stopped.
  const done = kernel.queue.add(cell("a", "wait"));
  kernel.queue.add(cell("b", "second"));
  kernel.interrupt();
  await done;
  assert.deepEqual(kernel.ran, ["wait"]);
  assert.deepEqual(without(kernel.seen, "busy", "idle"), ["a:ok", "b:aborted"]);
});

Deno.test("ShellQueue never shows its marks, however late they come out", async () => {
  const kernel = new SampleKernel();
  await kernel.queue.add(cell("a", "say one"));
  const late = cell("a", "late");
  await kernel.queue.published(child("stream", late, { text: `${kernel.marks[0]}\nmore\n` }));
  assert.equal(kernel.seen.at(-1), "a:more\n");
  await kernel.queue.published(child("stream", late, { text: `${kernel.marks[0]}\n` }));
  assert.equal(kernel.seen.at(-1), "a:more\n");
});

Deno.test("ShellQueue reports code of its own that fails", async () => {
  const kernel = new SampleKernel();
  await assert.rejects(kernel.queue.begin("fail"), /Cannot prepare the kernel/);
  assert.deepEqual(kernel.seen, []);
});

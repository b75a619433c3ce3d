import assert from "node:assert/strict";
import { OwnFiles, SharedFiles } from "../../../lib/browser/files/file_calls.ts";
import { FileCode, FileTree } from "../../../lib/browser/files/file_tree.ts";

class Tree extends FileTree {
  async saved() {}
}

/** Two threads' ends of one tree, the second one reached through the first. */
function withThreads(): { owner: OwnFiles; first: SharedFiles; second: SharedFiles } & Disposable {
  const owner = new OwnFiles(new Tree());
  const channels = [new MessageChannel(), new MessageChannel()];
  owner.serve(channels[0].port1);
  const first = new SharedFiles(channels[0].port2);
  first.serve(channels[1].port1);
  const second = new SharedFiles(channels[1].port2);
  return {
    ...{ owner, first, second },
    [Symbol.dispose]() {
      for (const { port1, port2 } of channels) {
        port1.close();
        port2.close();
      }
    },
  };
}

Deno.test("threads see each other's files, also threads of threads", async () => {
  using threads = withThreads();
  const { owner, first, second } = threads;
  await second.call("write", "/a", new Blob(["from the second"]), "create");
  await first.call("rename", "/a", "/b");
  assert.equal(await (await owner.call("read", "/b")).text(), "from the second");
  await assert.rejects(second.call("read", "/a"), (error) => {
    assert(error instanceof FileCode);
    assert.equal(error.code, "ENOENT");
    return true;
  });
});

Deno.test("calls of one thread are done in their order, although it does not wait", async () => {
  using threads = withThreads();
  const { second } = threads;
  const calls = Array.from(
    { length: 50 },
    (_, i) => second.call("write", "/log", new Blob([`${i},`]), "append"),
  );
  const content = second.call("read", "/log");
  await Promise.all(calls);
  const expected = Array.from({ length: 50 }, (_, i) => `${i},`).join("");
  assert.equal(await (await content).text(), expected);
});

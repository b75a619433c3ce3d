import assert from "node:assert/strict";
import { headerOf, InvalidMessage, Message } from "../../kernels/message.ts";

const header = headerOf("execute_request", "session");
const content = { code: "1 + 1" };
const message = () => Message.create({ header, content });

Deno.test("Message reads what it wrote", () => {
  const read = Message.read(message().frames("key"), "key");
  assert.deepEqual(read.header, header);
  assert.deepEqual(read.parent, {});
  assert.deepEqual(read.content, content);
  assert.deepEqual(Message.read(message().frames(""), "").content, content);
});

Deno.test("Message signs with HMAC-SHA256 in hexadecimal digits", () => {
  const parts = ["{}", "{}", "{}", "{}"].map((part) => new TextEncoder().encode(part));
  // printf '{}{}{}{}' | openssl dgst -sha256 -hmac key
  const digest = "ca767b02c5bc061ed184a9a029e7f93a7f2f7ed4e8fe74120fc1212f0b008fa3";
  const frames = ["<IDS|MSG>", digest].map((text) => new TextEncoder().encode(text));
  assert.deepEqual(Message.read([...frames, ...parts], "key").content, {});
});

Deno.test("Message keeps buffers and identities, and replaces parts", () => {
  const [identity, buffer] = [Uint8Array.of(7), Uint8Array.of(1, 2)];
  const read = Message.read([identity, ...message().frames("key"), buffer], "key");
  const changed = read.with({ parent: header, content: { code: "2" } });
  const again = Message.read(changed.frames("key"), "key");
  assert.deepEqual(again.identities, [identity]);
  assert.deepEqual(again.parent, header);
  assert.deepEqual(again.content, { code: "2" });
  assert.deepEqual(again.frames("key").at(-1), buffer);
});

Deno.test("Message refuses what the key's holder did not write", () => {
  const frames = message().frames("key");
  assert.throws(() => Message.read(frames, "other"), InvalidMessage);
  assert.throws(() => Message.read(message().frames(""), "key"), InvalidMessage);
  const forged = [...frames];
  forged[5] = new TextEncoder().encode(`{"code":"Deno.exit()"}`);
  assert.throws(() => Message.read(forged, "key"), /Cannot read a message: its signature is wrong/);
  assert.throws(() => Message.read(frames.slice(0, 4), "key"), /parts are missing/);
});

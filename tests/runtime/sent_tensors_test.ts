import assert from "node:assert/strict";
import { Engine } from "../../lib/runtime/engine.ts";
import { receiveTensors, sendTensors } from "../../lib/runtime/sent_tensors.ts";

const tensorOf = (...values: number[]) => ({
  type: "float32" as const,
  shape: [values.length],
  data: Float32Array.from(values),
});

Deno.test("Engine.send() sends copies of kept tensors", async () => {
  const engine = await Engine.start();
  try {
    await engine.keep("a", tensorOf(1, 2));
    await engine.keep("b", tensorOf(3));
    for (let time = 0; time < 2; time++) {
      const { port1, port2 } = new MessageChannel();
      const [tensors] = await Promise.all([
        receiveTensors(port2),
        engine.send(["a", "b"], port1),
      ]);
      assert.deepEqual(tensors, { a: tensorOf(1, 2), b: tensorOf(3) });
    }
  } finally {
    engine.close();
  }
});

Deno.test("a tensor that is not kept fails at both ends of the port", async () => {
  const engine = await Engine.start();
  try {
    const { port1, port2 } = new MessageChannel();
    const results = await Promise.allSettled([receiveTensors(port2), engine.send(["a"], port1)]);
    for (const result of results) {
      assert.equal(result.status, "rejected");
      assert.equal(`${result.reason}`, `RangeError: Cannot find kept tensor "a"`);
    }
  } finally {
    engine.close();
  }
});

Deno.test("sendTensors() transfers buffers", async () => {
  const { port1, port2 } = new MessageChannel();
  const tensor = tensorOf(1);
  const received = receiveTensors(port2);
  await sendTensors(port1, () => Promise.resolve({ tensor }));
  assert.equal(tensor.data.byteLength, 0);
  assert.deepEqual(await received, { tensor: tensorOf(1) });
});

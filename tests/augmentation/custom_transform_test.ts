import assert from "node:assert/strict";
import {
  compileChoice,
  type PortableTransform,
  toPortable,
  type TransformChoice,
  type TransformFunction,
} from "../../lib/augmentation/custom_transform.ts";
import { nnunetTraining } from "../../lib/augmentation/nnunet_pipeline.ts";
import { augment } from "../../lib/augmentation/transform.ts";
import { createGenerator } from "../../lib/random/generator.ts";
import { randomSample } from "./samples.ts";

const addNoise: TransformFunction = (sample, generator) => {
  const { shape, data } = sample.image;
  return { ...sample, image: { shape, data: data.map((value) => value + generator.normal()) } };
};

const offset = 5;
const usesOffset: TransformFunction = (sample) => {
  const { shape, data } = sample.image;
  return { ...sample, image: { shape, data: data.map((value) => value + offset) } };
};

const sampleModule = new URL("./sample_module.ts", import.meta.url);

/** The choice as it arrives in a worker. */
function compiled(choice: TransformChoice) {
  return compileChoice(structuredClone(toPortable(choice)), [4, 4]);
}

async function namesOf(choice: TransformChoice) {
  return nnunetTraining([4, 4], {}, await compiled(choice)).transforms.map(({ name }) => name);
}

Deno.test("compileChoice() restores functions that behave like the originals", async () => {
  const choice = await compiled({ pipeline: [{ transform: addNoise }] });
  const { transforms } = nnunetTraining([4, 4], {}, choice);
  const sample = randomSample([4, 4], 1);
  const seed = transforms[0].draw(createGenerator(3), sample) as number;
  assert.deepEqual(
    transforms[0].apply(sample, seed),
    addNoise(sample, createGenerator(seed)),
  );
  assert.notDeepEqual(
    augment(sample, transforms, createGenerator(1)),
    augment(sample, transforms, createGenerator(2)),
  );
});

Deno.test("compileChoice() accepts methods, functions of any kind, and modules", async () => {
  const methods = {
    negate({ image: { shape, data }, ...rest }: Parameters<TransformFunction>[0]) {
      return { ...rest, image: { shape, data: data.map((value) => -value) } };
    },
  };
  function double({ image: { shape, data }, ...rest }: Parameters<TransformFunction>[0]) {
    return { ...rest, image: { shape, data: data.map((value) => 2 * value) } };
  }
  const choice = await compiled({
    pipeline: [{ transform: methods.negate }, { transform: double }, { transform: sampleModule }],
  });
  const { transforms, initialPatchSize } = nnunetTraining([2, 2], {}, choice);
  assert.deepEqual(initialPatchSize, [2, 2]);
  const { image } = augment(randomSample([2, 2], 1), transforms, createGenerator(1));
  assert.deepEqual(image.data, randomSample([2, 2], 1).image.data.map((v) => -2 * v + 7));
});

Deno.test("nnunetTraining() inserts transforms before and after nnU-Net's, in order", async () => {
  const usual = await namesOf([]);
  const at = usual.indexOf("gamma");
  const names = await namesOf([
    { transform: addNoise, name: "one", before: "gamma" },
    { transform: addNoise, name: "two", before: "gamma" },
    { transform: addNoise, name: "three", after: "gamma" },
    { transform: addNoise, after: "gamma" },
    { transform: addNoise, name: "five" },
  ]);
  assert.deepEqual(names.slice(at, at + 5), ["one", "two", "gamma", "three", "addNoise"]);
  assert.equal(names[names.indexOf("maskOutside") - 1], "five");
  assert.equal(names.length, usual.length + 5);
});

Deno.test("nnunetTraining() replaces nnU-Net's transforms with a list", async () => {
  assert.deepEqual(await namesOf({ pipeline: ["mirroring", { transform: addNoise }, "gamma"] }), [
    "mirroring",
    "addNoise",
    "gamma",
    "maskOutside",
    "outsideToBackground",
  ]);
  await assert.rejects(namesOf([{ transform: addNoise, before: "gama" }]), {
    name: "RangeError",
    message:
      /^Cannot insert transform "addNoise" before or after "gama": expected one of spatial, .*gamma/,
  });
});

Deno.test("compileChoice() applies a transform with its probability", async () => {
  const choice = await compiled({ pipeline: [{ transform: addNoise, probability: 0.25 }] });
  const [transform] = nnunetTraining([2, 2], {}, choice).transforms;
  const sample = randomSample([2, 2], 1);
  const generator = createGenerator(1);
  const drawn = Array.from({ length: 2000 }, () => transform.draw(generator, sample));
  const share = drawn.filter((parameters) => parameters !== undefined).length / drawn.length;
  assert.ok(Math.abs(share - 0.25) < 0.05);
});

Deno.test("compileChoice() names a function's undefined variable", async () => {
  await assert.rejects(compiled([{ transform: usesOffset }]), {
    name: "Error",
    message: 'Cannot use transform "usesOffset": offset is not defined in the worker ' +
      "where it runs; expected a function that uses only its arguments and JavaScript's globals, " +
      "or the URL of a module",
  });
});

Deno.test("compileChoice() and toPortable() reject values that are no transform or cannot be sent", async () => {
  const portable = (code: PortableTransform["code"]) =>
    compileChoice([{ name: "a", code }], [2, 2]);
  await assert.rejects(portable({ source: "1 +" }), {
    name: "SyntaxError",
    message: 'Cannot use transform "a": its text is not a function: 1 +',
  });
  await assert.rejects(portable({ module: "data:text/javascript,export default 1" }), TypeError);
  await assert.rejects(portable({ module: "file:///nowhere.ts" }), {
    message: /^Cannot use transform "a": file:\/\/\/nowhere\.ts cannot be loaded: /,
  });
  assert.throws(() => toPortable([{ transform: addNoise.bind(null) }]), {
    name: "TypeError",
    message: 'Cannot use transform "bound addNoise": it is a bound or built-in function, ' +
      "expected one with source text",
  });
  const rejected = (transform: unknown, message: string, name?: string) =>
    assert.throws(() => toPortable([{ transform: transform as TransformFunction, name }]), {
      name: "TypeError",
      message: `${message}, expected a function or the URL of a module`,
    });
  rejected(undefined, "Cannot use transform: found undefined");
  rejected("./mine.ts", 'Cannot use transform: found "./mine.ts"');
  rejected({ draw: () => 0 }, 'Cannot use transform "mine": found a value of type object', "mine");
  assert.throws(() => toPortable([{ transform: addNoise, probability: 2 }]), RangeError);
  assert.throws(
    () => toPortable([{ transform: addNoise, before: "gamma", after: "gamma" }]),
    RangeError,
  );
});

Deno.test("compileChoice()'s transforms fail if they do not return a sample", async () => {
  const apply = async (transform: unknown) => {
    const choice = await compiled({ pipeline: [{ transform: transform as TransformFunction }] });
    augment(randomSample([2, 2], 1), nnunetTraining([2, 2], {}, choice).transforms, {
      ...createGenerator(1),
    });
  };
  await assert.rejects(apply(function nothing() {}), {
    name: "TypeError",
    message: 'Transform "nothing" failed: it did not return a sample, expected an image ' +
      "with a Float32Array and a segmentation with an Int16Array",
  });
  const smaller: TransformFunction = (sample) => ({
    ...sample,
    image: { shape: [1, 1, 1], data: new Float32Array(1) },
  });
  await assert.rejects(apply(smaller), {
    name: "RangeError",
    message: 'Transform "smaller" failed: it returned an image of [1,1,1] and a segmentation of ' +
      "[2,2], expected [1,2,2] and [2,2]",
  });
});

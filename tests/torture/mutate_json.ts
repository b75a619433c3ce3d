/** Damages JSON files: as text, and in their structure. */

import type { Generator } from "../../lib/random/generator.ts";
import { mutateBytes } from "./mutate_bytes.ts";

const pick = <T>(generator: Generator, values: readonly T[]): T =>
  values[generator.integer(0, values.length)];

/** Values of other kinds and sizes. Names that lead out of a folder lead at most to `outside`. */
const oddValues: readonly (() => unknown)[] = [
  () => null,
  () => true,
  () => 0,
  () => -1,
  () => 0.5,
  () => 1e308,
  () => 2 ** 53,
  () => 1e9,
  () => "",
  () => "../outside",
  () => "a/b",
  () => ".",
  () => "\u001b[31mred\u0007",
  () => "x".repeat(5000),
  () => "__proto__",
  () => "ä ☃",
  () => [],
  () => {},
  () => ({}),
  () => [[[]]],
  () => Array.from({ length: 2000 }, () => 1),
  () => ({ a: { b: [1, null] } }),
  () => [1, 2],
  () => ["x", null],
];

/** An object or array, and a key of it. */
type Slot = [owner: Record<string, unknown>, key: string];

function slotsOf(root: unknown): Slot[] {
  const slots: Slot[] = [];
  const waiting = [root];
  while (waiting.length > 0) {
    const value = waiting.pop();
    if (typeof value !== "object" || value === null) continue;
    const owner = value as Record<string, unknown>;
    for (const key of Object.keys(owner)) {
      slots.push([owner, key]);
      waiting.push(owner[key]);
    }
  }
  return slots;
}

/** Deeper than recursive checks reach easily, but not too deep for JSON.stringify() when doubled. */
const DEEP = 1500;

/** Changes one value, key or length. */
function mutateOnce(value: unknown, generator: Generator): unknown {
  const slots = slotsOf(value);
  if (slots.length === 0 || generator.uniform() < 0.03) return pick(generator, oddValues)();
  const [owner, key] = pick(generator, slots);
  const old = owner[key];
  const how = generator.uniform();
  if (how < 0.15) {
    if (Array.isArray(owner)) owner.splice(Number(key), 1);
    else delete owner[key];
  } else if (how < 0.25) {
    if (Array.isArray(owner)) owner.push(old);
    else {
      delete owner[key];
      owner[pick(generator, ["x", "", "__proto__", "../outside", "0", "ä"])] = old;
    }
  } else if (how < 0.4 && typeof old === "number") {
    owner[key] = pick(generator, [-old, old + 1, old * 1000, old / 7, String(old), [old]]);
  } else if (how < 0.5) {
    let nested = old;
    for (let depth = pick(generator, [1, 3, DEEP]); depth > 0; depth--) nested = [nested];
    owner[key] = nested;
  } else if (how < 0.6) {
    const [other, name] = pick(generator, slots);
    owner[key] = structuredClone(other[name]);
  } else {
    owner[key] = pick(generator, oddValues)();
  }
  return value;
}

/** Damages a JSON file. */
export function mutateJson(
  bytes: Uint8Array<ArrayBuffer>,
  generator: Generator,
): Uint8Array<ArrayBuffer> {
  if (generator.uniform() < 0.25) return mutateBytes(bytes, generator);
  let value = JSON.parse(new TextDecoder().decode(bytes));
  for (let left = pick(generator, [1, 1, 1, 2, 3]); left > 0; left--) {
    value = mutateOnce(value, generator);
  }
  return new TextEncoder().encode(JSON.stringify(value) ?? "");
}

import assert from "node:assert/strict";
import fc from "fast-check";
import { z } from "zod";
import { schemaProblems } from "../../lib/untrusted/schema_problems.ts";

const schema = z.object({
  a: z.array(z.int().positive()),
  b: z.union([z.string(), z.array(z.string())]),
  c: z.strictObject({ d: z.enum(["x", "y"]), e: z.literal(1).optional() }),
  f: z.tuple([z.number(), z.number()]),
});

const problemsIn = (value: unknown) => schemaProblems(schema.safeParse(value).error!);

Deno.test("schemaProblems() says what is missing and what was found", () => {
  assert.equal(
    problemsIn({ a: [1, "2"], b: 3, c: { d: "z" } }),
    'a.1: found string, expected number; b: found another kind of value than expected; c.d: expected one of "x"|"y"; f: found nothing, expected tuple',
  );
  assert.equal(problemsIn(null), "found null, expected object");
});

Deno.test("schemaProblems() counts what it does not list", () => {
  assert.match(problemsIn({ a: Array(100).fill("1") }), /a\.4: .*; and 98 more problems$/);
  assert.match(problemsIn({ a: Array(3).fill("1") }), /a\.2: .*; and 1 more problem$/);
});

Deno.test("schemaProblems() shows keys that a terminal would act on as escapes", () => {
  const problem = problemsIn({ a: [], b: "", c: { d: "x", "\u001b[31m": 1 }, f: [1, 2] });
  assert.equal(problem, 'c: Unrecognized key: "\\x1b[31m"');
});

Deno.test("schemaProblems() is free of internal words for any value", () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      const { error } = schema.safeParse(value);
      if (!error) return;
      const text = schemaProblems(error);
      assert.notEqual(text, "");
      assert.doesNotMatch(text, /undefined|Invalid input|\[object|✖|\n/);
    }),
    { numRuns: 2000, seed: 1 },
  );
});

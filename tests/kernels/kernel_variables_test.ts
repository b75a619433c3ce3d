import assert from "node:assert/strict";
import { kernelVariables } from "../../kernels/kernel_variables.ts";

Deno.test("kernelVariables() keeps nnU-Net's folders, overridden by given variables", () => {
  const present = { nnUNet_raw: "/raw", LD_LIBRARY_PATH: "/cuda", HOME: "/home/me" };
  assert.deepEqual(kernelVariables(present, ["nnUNet_raw=/mine", "A=b=c"]), {
    nnUNet_raw: "/mine",
    LD_LIBRARY_PATH: "/cuda",
    GLIBC_TUNABLES: "glibc.malloc.hugetlb=1",
    A: "b=c",
  });
});

Deno.test("kernelVariables() rejects values that are not assignments", () => {
  assert.throws(() => kernelVariables({}, ["=x"]), /Cannot use --env =x: expected NAME=VALUE/);
  assert.throws(() => kernelVariables({}, ["x"]), SyntaxError);
});

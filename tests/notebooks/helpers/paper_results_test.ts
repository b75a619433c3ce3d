import assert from "node:assert/strict";
import { paperResultsTable } from "../../../notebooks/helpers/paper_results.ts";

Deno.test("paperResultsTable() names the best configuration of each data set", () => {
  const { text } = paperResultsTable();
  assert.match(text, /^best +3d_fullres +3d_fullres +3d_lowres$/m);
  assert.match(text, /^3d_fullres +0\.769 +0\.769 +0\.587$/m);
  assert.match(text, /^source +issue 9 +issue 15 +issue 1959$/m);
});

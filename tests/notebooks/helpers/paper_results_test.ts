import assert from "node:assert/strict";
import { paperResultsTable } from "../../../notebooks/helpers/paper_results.ts";

Deno.test("paperResultsTable() names the best configuration of each data set", () => {
  const { text } = paperResultsTable();
  assert.match(text, /LiTS\).*0\.769.*3d_fullres +F\. Isensee/);
  assert.match(text, /hepatic vessels.*0\.635.*3d_lowres/);
});

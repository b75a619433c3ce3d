/** Compares plans of random fingerprints with those of nnU-Net's planners. */

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { progressBar, StatusLine } from "../../lib/cli/status_line.ts";
import { formatPlans } from "../../lib/files/plans_json.ts";
import { ensureNnunetPython } from "../nnunet_python.ts";
import { type GoldenPlanInput, planOfGolden } from "../planning/golden_plans.ts";
import type { Agreement } from "./agreement.ts";

/**
 * Compares plans, which must be identical in every field. Data sets are 2D and 3D, isotropic to
 * 10:1, with 5 to 2000 cases and 2 to 120 labels, and planned for 2 to 80 GB with every planner.
 */
export async function comparePlans(count: number): Promise<Agreement> {
  const python = await ensureNnunetPython();
  const script = fileURLToPath(new URL("../golden/plans.py", import.meta.url));
  const child = spawn(python, [script, `${count}`], { stdio: ["ignore", "pipe", "inherit"] });
  const status = new StatusLine();
  const onProgress = progressBar(status, "plans");
  let agreed = 0;
  let total = 0;
  let unplanned = 0;
  for await (const line of createInterface({ input: child.stdout! })) {
    const { name, input, plans } = JSON.parse(line) as {
      name: string;
      input: GoldenPlanInput;
      plans: unknown;
    };
    total++;
    const ours = planOrNothing(input);
    if (plans === null) unplanned++;
    if (isDeepStrictEqual(ours, plans)) agreed++;
    else status.print(`DIFFER  ${name}: ${JSON.stringify({ input, ours, plans }).slice(0, 2000)}`);
    onProgress(total, count);
  }
  status.clear();
  console.log(
    `plans: ${agreed} of ${total} identical in every field; of these nnU-Net plans ` +
      `${total - unplanned} and fails for ${unplanned}`,
  );
  return {
    of: `plans (${unplanned} that nnU-Net cannot make)`,
    agreed,
    total: Math.max(total, count),
  };
}

/** Plans as JSON; null if planning fails, in which case nnU-Net must fail, too. */
function planOrNothing(input: GoldenPlanInput): unknown {
  try {
    return JSON.parse(formatPlans(planOfGolden(input)));
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

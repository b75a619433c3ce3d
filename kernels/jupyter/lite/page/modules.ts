/** The modules that notebooks can import in a browser, by the names they import them with. */

import * as settings from "./settings.ts";
import * as source from "./source.ts";
import * as nnunet from "./nnunet.ts";
import * as notebook from "./notebook.ts";
import * as parts from "../../../../lib/parts.ts";
import * as paths from "../../../../lib/platform/paths.ts";
import * as augmentationPictures from "../../../../notebooks/helpers/augmentation_pictures.ts";
import * as decisionSlides from "../../../../notebooks/helpers/decision_slides.ts";
import * as knownDatasets from "../../../../notebooks/helpers/known_datasets.ts";
import * as lossBehaviour from "../../../../notebooks/helpers/loss_behaviour.ts";
import * as paperResults from "../../../../notebooks/helpers/paper_results.ts";
import * as plannerFlowchart from "../../../../notebooks/helpers/planner_flowchart.ts";
import * as provoke from "../../../../notebooks/helpers/provoke.ts";
import * as sideBySide from "../../../../notebooks/helpers/side_by_side.ts";
import * as threeNetworks from "../../../../notebooks/helpers/three_networks.ts";
import * as variants from "../../../../notebooks/helpers/variants.ts";

/** The modules' exports by name. */
export const modules: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "nnunet": nnunet,
  "nnunet/notebook": notebook,
  "nnunet/parts": parts,
  "node:path": paths,
  "./settings.ts": settings,
  "./source.ts": source,
  "./helpers/augmentation_pictures.ts": augmentationPictures,
  "./helpers/decision_slides.ts": decisionSlides,
  "./helpers/known_datasets.ts": knownDatasets,
  "./helpers/loss_behaviour.ts": lossBehaviour,
  "./helpers/paper_results.ts": paperResults,
  "./helpers/planner_flowchart.ts": plannerFlowchart,
  "./helpers/provoke.ts": provoke,
  "./helpers/side_by_side.ts": sideBySide,
  "./helpers/three_networks.ts": threeNetworks,
  "./helpers/variants.ts": variants,
};

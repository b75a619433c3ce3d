/** What `nnunet/notebook` offers where notebooks run in a browser: all but what watches launches. */

export { barFigure, chart, histogramFigure, lineFigure } from "../../../../lib/notebook/charts.ts";
export {
  confusionTable,
  worstCasesTable,
  worstFirst,
} from "../../../../lib/notebook/case_tables.ts";
export {
  decisionTable,
  pairsTable,
  votingTable,
} from "../../../../lib/notebook/ensemble_tables.ts";
export { folderTree } from "../../../../lib/notebook/folder_tree.ts";
export { inNotebook, Place } from "../../../../lib/notebook/host.ts";
export { Interrupted, interruptible } from "../../../../lib/notebook/interrupt.ts";
export { LiveProgress } from "../../../../lib/notebook/live_progress.ts";
export { LiveCurves, watch } from "../../../../lib/notebook/live_training.ts";
export { middlePanel } from "../../../../lib/notebook/middle_panel.ts";
export { drawNetwork } from "../../../../lib/notebook/network_drawing.ts";
export { type MimeBundle, Output } from "../../../../lib/notebook/output.ts";
export { savedLog } from "../../../../lib/notebook/saved_log.ts";
export { ScoreBoard } from "../../../../lib/notebook/score_board.ts";
export { compare, show } from "../../../../lib/notebook/show.ts";
export {
  heat,
  middleSlice,
  type SlicePanel,
  sliceRow,
} from "../../../../lib/notebook/slice_picture.ts";
export { slides } from "../../../../lib/notebook/slides.ts";
export { surfaceView } from "../../../../lib/notebook/surface_view.ts";
export { diceTable, ensemblesTable, plansTable, table } from "../../../../lib/notebook/table.ts";
export { volumeView } from "../../../../lib/notebook/volume_view.ts";
export { windowSlides, windowWeights } from "../../../../lib/notebook/window_pictures.ts";

/** A misspelled option is an error in every public function: none ignores it in silence. */

import assert from "node:assert/strict";
import * as nnunet from "nnunet";
import * as notebook from "nnunet/notebook";
import * as parts from "nnunet/parts";
import { countingImage } from "../image/sample_images.ts";
import { makeTinyPlans } from "../tiny_scans.ts";
import { writeUntrainedModel } from "../untrained_model.ts";

const { plans, root } = await makeTinyPlans({ cases: 2 });
globalThis.addEventListener("unload", () => Deno.removeSync(root, { recursive: true }));
const model = await writeUntrainedModel(root, {
  plansData: plans.plansData,
  datasetJson: plans.datasetJson,
  configuration: "3d_fullres",
});
const folders = nnunet.foldersIn(root);
const dataset = await nnunet.Dataset.open({ root, id: 1 });
const image = countingImage([2, 2, 2]);
const grid = { shape: [2, 2, 2], spacing: [1, 1, 1] };
const labels = nnunet.segmentationFrom(new Uint8Array(8), grid);
using predictor = await nnunet.Predictor.open(model);

/** Options as JavaScript passes them, where no compiler looks at names. */
// deno-lint-ignore no-explicit-any
const wrong: any = { misspeled: 1 };

const calls: Readonly<Record<string, () => unknown>> = {
  "Dataset.create()": () => nnunet.Dataset.create(wrong),
  "Dataset.open()": () => nnunet.Dataset.open(wrong),
  "Ensembler.fit()": () => nnunet.Ensembler.fit([model], wrong),
  "Ensembler.fit({ predictor })": () => nnunet.Ensembler.fit([model], { predictor: wrong }),
  "Planner()": () => new nnunet.Planner(wrong),
  "Planner.plan()": () => new nnunet.Planner().plan(dataset, wrong),
  "Planner({ overrides })": () => new nnunet.Planner({ overrides: wrong }),
  'Planner({ overrides: { "2d" } })': () => new nnunet.Planner({ overrides: { "2d": wrong } }),
  "Plans.open()": () => nnunet.Plans.open(wrong),
  "Plans.preprocess()": () => plans.preprocess(dataset, wrong),
  "Predictor.open()": () => nnunet.Predictor.open(model, wrong),
  "Predictor.predict()": () => predictor.predict(image, wrong),
  "Predictor.predictFile()": () => predictor.predictFile([], "out.nii.gz", wrong),
  "Predictor.predictFolder()": () => predictor.predictFolder(wrong),
  "Predictor.predictFolder({ part })": () =>
    predictor.predictFolder({ input: root, output: root, part: wrong }),
  "Predictor.predictProbabilities()": () => predictor.predictProbabilities(image, root, wrong),
  "Trainer()": () => new nnunet.Trainer(plans, "3d_fullres", wrong),
  "Trainer({ transforms })": () => new nnunet.Trainer(plans, "3d_fullres", { transforms: [wrong] }),
  "Trainer({ transforms: { pipeline } })": () =>
    new nnunet.Trainer(plans, "3d_fullres", { transforms: { pipeline: [wrong] } }),
  "Trainer.fit()": () => new nnunet.Trainer(plans, "3d_fullres", { fold: "all" }).fit(wrong).next(),
  "applyPostprocessing()": () => nnunet.applyPostprocessing(wrong),
  "convertDecathlon()": () => nnunet.convertDecathlon(root, folders, wrong),
  "convertVersion1()": () => nnunet.convertVersion1(root, "Dataset002_New", folders, wrong),
  "copyAndRename()": () => nnunet.copyAndRename("a", "b", wrong),
  "createTask()": () => nnunet.createTask(root, wrong),
  "determinePostprocessing()": () => nnunet.determinePostprocessing(wrong),
  "ensembleFolders()": () => nnunet.ensembleFolders(wrong),
  "exportHtml()": () => nnunet.exportHtml("model.html", wrong),
  "evaluateFolder()": () => nnunet.evaluateFolder(wrong),
  "evaluateFolderInDetail()": () => nnunet.evaluateFolderInDetail(wrong),
  "exportModels()": () => nnunet.exportModels("model.zip", wrong),
  "findLabels()": () => nnunet.findLabels(root, wrong),
  "imageFrom()": () => nnunet.imageFrom(image.data, wrong),
  "installModels()": () => nnunet.installModels("model.zip", root, wrong),
  "makeFolder()": () => nnunet.makeFolder(root, wrong),
  "openTrained()": () => nnunet.openTrained(model, wrong),
  "renderComparison()": () => nnunet.renderComparison(wrong),
  "segmentationFrom()": () => nnunet.segmentationFrom(new Uint8Array(8), wrong),
  "verifyDatasetIntegrity()": () => nnunet.verifyDatasetIntegrity(dataset, wrong),
  "writeDatasetJsonV1()": () =>
    nnunet.writeDatasetJsonV1("dataset.json", {
      name: "Brain",
      modality: ["MRI"],
      labels: ["background", "brain"],
      trainingCases: ["a"],
      testCases: [],
    }, wrong),
  "LiveCurves()": () => new notebook.LiveCurves(wrong),
  "LiveProgress()": () => new notebook.LiveProgress("planning", wrong),
  "Place()": () => new notebook.Place(wrong),
  "barFigure()": () => notebook.barFigure([], wrong),
  "chart()": () => notebook.chart({ data: [], layout: { width: 1, height: 1 } }, wrong),
  "compare()": () => notebook.compare(image, labels, labels, wrong),
  "drawNetwork()": () => notebook.drawNetwork(plans.configuration("3d_fullres"), wrong),
  "folderTree()": () => notebook.folderTree(root, wrong),
  "histogramFigure()": () => notebook.histogramFigure([], wrong),
  "lineFigure()": () => notebook.lineFigure([], wrong),
  "show()": () => notebook.show(image, wrong),
  "sliceRow()": () => notebook.sliceRow([], wrong),
  "slides()": () => notebook.slides("slice", [], wrong),
  "surfaceView()": () => notebook.surfaceView(labels, wrong),
  "table()": () => notebook.table([], [], wrong),
  "volumeView()": () => notebook.volumeView(wrong),
  "brightness()": () => parts.brightness(wrong),
  "contrast()": () => parts.contrast(wrong),
  "gamma()": () => parts.gamma(wrong),
  "gaussianBlur()": () => parts.gaussianBlur(wrong),
  "gaussianNoise()": () => parts.gaussianNoise(wrong),
  "lowResolution()": () => parts.lowResolution(wrong),
  "mirroring()": () => parts.mirroring(wrong),
  "spatial()": () => parts.spatial(wrong),
};

for (const [name, call] of Object.entries(calls)) {
  Deno.test(`${name} names an option that it does not know`, async () => {
    await assert.rejects(async () => await call(), {
      name: "TypeError",
      message: /^Cannot .*: unknown option "([\w.]+\.)?misspeled"/,
    });
  });
}

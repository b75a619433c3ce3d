import assert from "node:assert/strict";
import { parseTrainingLog, readTrainingLog } from "../../lib/training/read_log.ts";

const epoch = (number: number) =>
  JSON.stringify({
    event: "epoch",
    epoch: number,
    train_loss: -0.5,
    val_loss: null,
    mean_fg_dice: 0.5,
    ema_fg_dice: 0.25,
    dice_per_class_or_region: [0.5, null],
    lr: 0.01,
    epoch_start: 10 * number,
    epoch_end: 10 * number + 8,
  });

Deno.test("parseTrainingLog() reads epochs, how many there will be, and the validation", () => {
  const text = [
    '{"event":"start","epochs":20,"dataset":"Dataset001_Tiny"}',
    epoch(0),
    '{"event":"warning","message":"slow"}',
    epoch(1),
    '{"event":"end","epochs":2}',
    '{"event":"validation","mean_fg_dice":0.75}',
    '{"event":"epoch","train_lo',
  ].join("\n");
  const { log, epochs, ended, validationDice } = parseTrainingLog(text);
  assert.deepEqual([epochs, ended, validationDice], [20, true, 0.75]);
  assert.deepEqual(log.trainLosses, [-0.5, -0.5]);
  assert.deepEqual(log.valLosses, [NaN, NaN]);
  assert.deepEqual(log.dicePerClass[1], [0.5, NaN]);
  assert.deepEqual(log.epochEnd, [8, 18]);
});

Deno.test("readTrainingLog() finds nothing where no training has begun", async () => {
  const folder = await Deno.makeTempDir();
  assert.equal(await readTrainingLog(folder), undefined);
  await Deno.remove(folder);
});

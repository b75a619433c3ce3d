/** A model that predicts cases in a pipeline of workers, which start with the first case. */

import type { OpenedModel } from "../model/open_model.ts";
import type { Segmentation } from "../image/image.ts";
import { hasSharedMemory } from "../platform/shared_memory.ts";
import { systemMemory } from "../platform/system_memory.ts";
import { type CaseJob, needsLogits } from "./case_job.ts";
import { CasePipeline, type RunOptions } from "./case_pipeline.ts";
import { readScanHeader, requirePredictable } from "./check_scan.ts";
import { type CaseMemory, caseMemory, type CheckedDevice } from "./case_memory.ts";
import type { PredictorOptions } from "./predictor_options.ts";

/** A model's networks and facts, without where they are from. */
export type PredictingModel = Omit<OpenedModel, "origin" | "previousStageFolder">;

/** How a model predicts, on a device that was chosen. */
export interface ModelPipelineOptions
  extends
    Pick<PredictorOptions, "stepSize" | "mirroring" | "gaussian" | "threads" | "memoryLimitBytes"> {
  /** Returns the device to compute on; called with the first case. */
  readonly device: () => Promise<CheckedDevice>;
}

/** Checks cases before they are predicted, and predicts them. */
export class ModelPipeline {
  readonly #model: PredictingModel;
  readonly #options: ModelPipelineOptions;
  #pipeline: Promise<CasePipeline> | undefined;
  #memory: CaseMemory | undefined;

  /**
   * @param model The model; its networks are kept, to start the workers again after an abort.
   * @param options How to predict.
   */
  constructor(model: PredictingModel, options: ModelPipelineOptions) {
    this.#model = model;
    this.#options = options;
  }

  /** The memory that cases of the model need; the networks are measured once. */
  async memory(): Promise<CaseMemory> {
    return this.#memory ??= caseMemory(
      this.#model.models,
      this.#model,
      await this.#options.device(),
    );
  }

  /**
   * Checks that the model can predict cases, judging by their headers only.
   *
   * @param jobs The cases.
   * @param onWarning Called with what may not be as intended in a scan.
   * @param keepsLogits Whether logits are kept besides labels; if a job's output needs them, by
   * default.
   * @throws {TypeError} If a case has another number of channels than the model, or is a picture and
   * the model predicts volumes.
   * @throws {MemoryError} If a case needs more memory than it may take.
   * @throws {DeviceMemoryError} If a case needs more memory than the GPU has; the remedy says what
   * would fit.
   */
  async check(
    jobs: readonly CaseJob[],
    onWarning?: (message: string) => void,
    keepsLogits?: boolean,
  ): Promise<void> {
    const { memoryLimitBytes = systemMemory().freeMemoryBytes } = this.#options;
    for (const { name, source, output } of jobs) {
      const header = await readScanHeader(
        source,
        this.#model.plansData.imageReaderWriter,
        onWarning,
      );
      if (!header) continue;
      requirePredictable(name, header, this.#model);
      const memory = await this.memory();
      memory.requireFits(
        name,
        header.geometry,
        keepsLogits ?? needsLogits(output),
        memoryLimitBytes,
      );
    }
  }

  /** Predicts cases as {@link CasePipeline.run} does. */
  async run(
    jobs: readonly CaseJob[],
    options: RunOptions = {},
  ): Promise<(Segmentation | undefined)[]> {
    return await (await this.#connect()).run(jobs, options);
  }

  /** Terminates the workers; another prediction starts them again. */
  close(): void {
    const closing = this.#pipeline;
    this.#pipeline = undefined;
    closing?.then((pipeline) => pipeline.close(), () => {});
  }

  #connect(): Promise<CasePipeline> {
    const starting = this.#pipeline ??= this.#start().catch((error) => {
      if (this.#pipeline === starting) this.#pipeline = undefined;
      throw error;
    });
    return starting;
  }

  async #start(): Promise<CasePipeline> {
    const { models, ...facts } = this.#model;
    const { stepSize, mirroring, gaussian, threads } = this.#options;
    return await CasePipeline.start(facts, {
      // They are transferred to a worker, where threads share memory, and needed for another start.
      models: hasSharedMemory() ? models.map((model) => model.slice()) : models,
      stepSize,
      mirroring,
      gaussian,
      threads,
      ...await this.#options.device(),
    });
  }
}

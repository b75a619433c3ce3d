/** Facts about a data set that the planner needs besides its fingerprint. */
export interface DatasetFacts {
  /** Folder name, e.g. `Dataset004_Hippocampus`. */
  readonly datasetName: string;
  /** Channel names in order; each determines its channel's normalisation. */
  readonly channelNames: readonly string[];
  /** Number of entries of `labels` in dataset.json, including background and ignore label. */
  readonly labelCount: number;
  /** Number of training cases. */
  readonly trainingCases: number;
  /** nnU-Net's name of the image reader, e.g. `SimpleITKIO`. */
  readonly imageReaderWriter: string;
}

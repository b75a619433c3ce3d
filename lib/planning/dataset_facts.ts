/** What the planner needs to know about a data set besides its fingerprint. */
export interface DatasetFacts {
  /** Folder name, e.g. `Dataset004_Hippocampus`. */
  readonly datasetName: string;
  /** In channel order; a name chooses the channel's normalisation. */
  readonly channelNames: readonly string[];
  /** Entries of `labels` in dataset.json, background and ignore label included. */
  readonly labelCount: number;
  /** Number of training cases. */
  readonly trainingCases: number;
  /** nnU-Net's name for what reads the images, e.g. `SimpleITKIO`. */
  readonly imageReaderWriter: string;
}

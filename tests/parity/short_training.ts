/**
 * Options of the optimiser with which short trainings learn, on both sides. With nnU-Net's, 0.01 and
 * 0.99, the momentum averages over hundreds of steps, and some trainings of this length learn a class
 * on neither side. A gradient changes the weights by as much with these, but sooner.
 */
export const shortTrainingOptimizer = { learningRate: 0.1, momentum: 0.9 } as const;

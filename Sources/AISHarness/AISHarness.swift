// The harness: all that experiments share. An experiment adds its claim, its measurement and its
// judgement.
//
//   Experiment         the protocol, and the one `run()` that all share
//   ExperimentCard     claim and criteria, written before the run
//   Options/           what a user may ask for
//   Lab                the argument of `measure`: rows that survive a kill, timing, progress
//   Peers/             other engines in processes of their own, on the same tokens
//   RandomModels/      models of known shapes with random weights, to measure times
//   Timing/            paired timing (A B B A) with intervals, and the machine's ceilings
//   Statistics/        Wilson, Clopper-Pearson, McNemar, paired differences, power, bootstrap,
//                      correlation, Holm; findings, from which verdicts follow
//   Vectors/           labelled vectors: silhouette, neighbours, centroids, pictures in the plane
//   Data/              prompts and questions, their splits by use, and how samples are drawn
//   Routing/           counts and outcomes of exits and plans, and of the routers' choices
//   Map/               the map of a model and its prompts: corpus, probes, folder
//   Planning/          what a run needs first and how long it takes, stated before it starts
//   Prerequisites      results of other experiments: found, or made first
//   ProgressMeter      how far a run has come; ProgressPace: how fast it goes
//   Provenance/        which code, machine and libraries a result was made with
//   Results/           rows → HDF5 → page
//   HarnessMain        turns every error into one line and an exit status
//
// AISKit computes layers; Map/ only carries their outputs and costs to and from files.

// The harness: all that experiments share. An experiment adds its claim, its measurement and its
// judgement.
//
//   Experiment         the protocol, and the one `run()` that all share
//   ExperimentCard     claim and criteria, written before the run
//   Options/           what a user may ask for
//   Lab                what `measure` works with: rows that survive a kill, timing, progress
//   Timing/            A B B A with intervals, and the machine's own ceilings
//   Statistics/        Wilson, Clopper-Pearson, McNemar and its power, paired differences and theirs,
//                      bootstrap, correlation, Holm; findings and how they add up
//   Vectors/           labelled vectors: silhouette, neighbours, centroids, pictures in the plane
//   Data/              prompts and questions, which may be used for what, and how they are drawn
//   Routing/           exits and plans tallied: who chose what, and what came of it
//   Map/               the map of a model and its prompts: corpus, probes, folder
//   Planning/          what a run needs first and what it will cost, said before it starts
//   Prerequisites      results of other experiments: found, or made first
//   ProgressMeter      how far a run has come; ProgressPace: how fast it goes
//   Provenance/        which code, machine and libraries a result was made with
//   Results/           rows → HDF5 → page
//   HarnessMain        one line and an exit status for whatever goes wrong
//
// AISKit computes layers; Map/ only carries their outputs and costs to and from files.

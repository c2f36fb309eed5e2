// AISKit: a language model, and how parts of it can be left out.
//
// The data path, in order:
//
//   AISCheckpoint  a GGUF file or a Hugging Face folder is mapped and checked; tensors are views
//   AISTokenizer   text becomes token ids, by the rules of the model's own files
//   Model/         a family (Families/) translates the files' declarations into a ModelConfig;
//                  DecoderModel embeds the ids and runs the only forward loop: for every layer it
//                  asks the policy for an action and performs it
//   Depth/         policies: the action at each layer (run, skip all or part of it, blend), plans as
//                  values, rules that choose them, a router that chooses during a pass; token exit,
//                  by which rows leave the batch before the last layer
//   Map/           the place of prompts at the pivot layer, the neighbours of a prompt there, and
//                  the cost of leaving out layers for a category
//   Routing/       token exit: routers that score whether a row may exit, their training, and the
//                  rows and texts for it; a classifier of whole prompts by their probes
//   AISStatistics  the quality of scores, and the threshold that can be guaranteed
//   Evaluation/    measures of a model: the distance of two passes, the effect of leaving out parts,
//                  multiple-choice questions, the work of a pass
//   Tensor/        where that is computed: backends, packed weights, matrix engines
//
// AISCheckpoint, AISTokenizer and AISStatistics are modules of their own. They depend on AISBase,
// which has errors, random numbers and hashes; AISKit exports all four.
//
// A forward pass leaves its logits in its DecoderContext. A ForwardObserver (traces, captures) sees
// a pass without changing it.

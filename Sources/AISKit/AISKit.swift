// AISKit: language models whose layers can be skipped, blended, replaced or exited early.
//
// This module re-exports the modules that programs use. In the order of the data path:
//
//   AISBase        errors, random numbers and hashes, used by all others
//   AISCheckpoint  maps and checks a GGUF file or a Hugging Face folder; tensors are views
//   AISTokenizer   converts text to token ids by the rules of the model's own files
//   AISCompute     computes: backends, packed weights, matrix products, the thread pool
//   AISModel       reads a family's files into a ModelConfig, loads the weights, and runs the only
//                  forward loop: at every step it asks the policy for an action and performs it
//   AISDepth       rules that choose which layers to skip, exit rules, counts of exits
//   AISBridging    linear maps that replace runs of layers, and their fit
//   AISRouting     token exit: routers that score whether a row may exit, and their training
//   AISMap         routing of prompts: a map of probes with the importance of layers by category,
//                  and a classifier of probes
//   AISStatistics  the quality of scores, and the choice of a threshold with a guarantee
//   AISEvaluation  measures of a model: the distance of two passes, ablations, multiple-choice
//                  questions, the work of a pass
//   AISKit         LanguageModel: text in, text out
//
// A forward pass leaves its logits in its DecoderContext. A ForwardObserver (a trace or a capture)
// sees a pass without changing it.

// AISKit: a language model, and how parts of its depth can be left out. `import AISKit` gives all of this.
//
// The data path, in order:
//
//   AISCheckpoint  a GGUF file or a Hugging Face folder is mapped and checked; tensors are views
//   AISTokenizer   text becomes token ids, by the rules of the model's own files
//   AISCompute     a device packs weights, owns memory and runs operations
//   AISModel       a family translates the files' declarations into a ModelConfig; DecoderModel embeds
//                  the ids and runs the only forward loop: for every step it asks the policy for an
//                  action and performs it
//   AISDepth       rules that choose layers to skip; exit rules that need no training
//   AISBridging    linear maps that replace layers
//   AISRouting     token exit: exit routers that score whether a row may exit, and their training
//   AISMap         where prompts lie at the pivot layer, and the prompt routers that use it
//   AISStatistics  the quality of scores, and the threshold that can be guaranteed
//   AISEvaluation  the distance of two passes, the effect of leaving out parts, multiple-choice
//                  questions, the work of a pass, the labels and the calibration of exit routers
//
// AISBase has errors, random numbers and hashes. Docs/Architecture.md draws who uses whom.
//
// A forward pass leaves its logits in its DecoderContext. A ForwardObserver (traces, captures) sees a pass
// without changing it.

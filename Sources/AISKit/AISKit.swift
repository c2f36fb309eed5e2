// AISKit: the model, and what can be left out of it.
//
// The data path, in order:
//
//   Checkpoint/   a GGUF file or a Hugging Face folder is mapped and checked; tensors are views
//   Tokenizer/    text becomes token ids, by the rules of the model's own files
//   Model/        a family (Families/) translates what the files declare into a ModelConfig;
//                 DecoderModel embeds the ids and runs the one forward loop: for every layer it
//                 asks the policy what to do, and does it
//   Depth/        policies: what to do at a layer (run, skip whole or in part, blend), plans as
//                 values, rules that choose them, a router that chooses in the middle of a pass; token
//                 exit, by which rows leave the batch before the last layer
//   Map/          where prompts lie at the pivot layer, which neighbours a prompt has there, and
//                 what leaving layers out costs their category
//   Routing/      token exit: routers that say of each row whether it may leave, how they are trained,
//                 and on what rows of which texts; a classifier of whole prompts by their probes
//   Statistics/   what a set of scores is worth, and which threshold can be guaranteed
//   Evaluation/   what is said of a model: how far two passes are apart, what leaving parts out
//                 does, how multiple-choice questions are put and answered, what a pass must do
//   Tensor/       where that is computed: the backend seam, packed weights, matrix engines
//
// A forward pass leaves logits in its DecoderContext. What looks without changing anything (traces,
// captures) is a ForwardObserver.

// AISKit: the model, and what can be left out of it.
//
// The data path, in order:
//
//   Checkpoint/   a GGUF file or a Hugging Face folder is mapped and checked; tensors are views
//   Tokenizer/    text becomes token ids, by the rules of the model's own files
//   Model/        DecoderModel embeds the ids and runs the one forward loop: for every layer it asks
//                 the policy what to do, and does it
//   Depth/        policies: what to do at a layer (run, skip, blend), and plans as values
//   Evaluation/   how far two forward passes are apart, and what each must compute
//   Tensor/       where that is computed: the backend seam, packed weights, matrix engines
//
// A forward pass leaves logits in its DecoderContext. What looks without changing anything (traces,
// captures) is a ForwardObserver.

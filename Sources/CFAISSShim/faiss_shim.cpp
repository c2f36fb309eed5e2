extern "C" { int ais_faiss_placeholder(void) { return 0; } }

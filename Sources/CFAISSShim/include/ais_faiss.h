int ais_faiss_placeholder(void);

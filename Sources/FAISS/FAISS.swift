import CFAISSShim

extension StarterData {
  /// Prompts of the category `open_qa`.
  static let openQA = """
    Who wrote the novel "Frankenstein"?

    What is the longest river in South America?

    In which year did the Berlin Wall fall?

    Which element has the chemical symbol K?

    What is the capital of Kazakhstan?

    Who painted the ceiling of the Sistine Chapel?

    How many bones does an adult human usually have?

    What is the name of the galaxy in which the Solar System lies?

    Which country has the most inhabitants on the African continent?

    Why does the sky look blue during the day?

    What causes the tides of the sea?

    Which scientist formulated the three laws of motion that carry his name?

    What is photosynthesis?

    Who was the first woman to win a Nobel Prize?

    In which city does the story of "Romeo and Juliet" take place?

    What is the difference between a comet and an asteroid?

    Which planet is closest to the Sun?

    How many players of one team are on the field in a football match?

    What language is spoken by most people in Brazil?

    Which sea lies between Italy and the Balkan Peninsula?

    What is the freezing point of water in degrees Fahrenheit?

    Who composed the opera "The Magic Flute"?

    What does DNA stand for?

    When did the First World War begin, and when did it end?

    What is the smallest country in the world by area?

    Which gas makes up most of the air that we breathe?

    How does a rainbow come about?

    Who developed the theory of general relativity?

    What is the highest mountain in Africa?

    On which island were the giant stone figures called moai put up?

    What is an isthmus? Give an example.

    Which metal is liquid at room temperature?

    What were the terracotta warriors of Xi'an made for?

    Who was Ada Lovelace?

    Which blood vessels carry blood away from the heart?

    What did Johannes Gutenberg contribute to printing?

    Which two countries share the longest border in the world?

    What is the Rosetta Stone, and why did it matter?

    How long does light from the Sun take to reach the Earth?

    What is the currency of Japan?

    Which instrument is used to measure air pressure?

    What was the Silk Road?

    Why do leaves change colour in autumn?
    """
}

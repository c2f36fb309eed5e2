extension StarterData {
  /// Questions on subjects of people, places, arts and trades, by subject.
  static let societyQuestions: [(subject: String, text: String)] = [
    (
      "world_geography",
      """
      Which of these countries has no coast on the open sea?
      - Chile
      - Ecuador
      + Bolivia
      - Uruguay

      Through which of these countries does the equator pass?
      - Egypt
      + Kenya
      - India
      - Mexico

      Which strait separates Europe from Africa at its narrowest point?
      - The Bosporus
      - The Strait of Hormuz
      - The Bering Strait
      + The Strait of Gibraltar

      What is the capital of Australia?
      + Canberra
      - Sydney
      - Melbourne
      - Perth

      Which of these rivers flows into the Mediterranean Sea?
      + The Nile
      - The Rhine
      - The Volga
      - The Danube
      """
    ),
    (
      "turning_points_in_history",
      """
      In which year did Christopher Columbus first reach the Caribbean islands?
      - 1453
      - 1519
      + 1492
      - 1607

      Which of these came first?
      - The American Civil War
      - The unification of Germany under Bismarck
      - The Russian October Revolution
      + The French Revolution

      Which empire had its capital in Constantinople at the beginning of the year 1453?
      - The Mongol Empire
      - The Persian Empire
      + The Byzantine Empire
      - The Holy Roman Empire

      Nelson Mandela became the first president of his country to be chosen in an election open to
      all races. Which country was it?
      + South Africa
      - Zimbabwe
      - Nigeria
      - Kenya

      What was the Marshall Plan?
      - A German plan for attacking France through Belgium
      - A treaty that limited the number of nuclear weapons
      - A reform of Soviet agriculture under Stalin
      + American aid for rebuilding Europe after the Second World War
      """
    ),
    (
      "music_theory",
      """
      How many semitones make up an octave?
      - 7
      - 8
      + 12
      - 10

      Which note value lasts half as long as a crotchet (quarter note)?
      - Minim (half note)
      - Semibreve (whole note)
      - Semiquaver (sixteenth note)
      + Quaver (eighth note)

      Which major scale has neither sharps nor flats in its key signature?
      - G major
      - F major
      + C major
      - D major

      Which notes make up a C major triad?
      - C, D and E
      + C, E and G
      - C, F and A
      - C, E flat and G

      What does the marking "piano" ask a player to do?
      - Play slowly
      + Play softly
      - Play on a keyboard instrument
      - Play smoothly
      """
    ),
    (
      "language_and_grammar",
      """
      Which word in the sentence "She quickly closed the heavy door" is an adverb?
      - closed
      - heavy
      - door
      + quickly

      Which of these sentences is in the passive voice?
      - The children were eating the cake.
      - The children had eaten the cake.
      - The children will eat the cake.
      + The cake was eaten by the children.

      What is the plural of "criterion"?
      - criterias
      + criteria
      - criteriae
      - criterium

      Which of these languages is NOT related to the others in the Indo-European family?
      + Finnish
      - Greek
      - Hindi
      - Russian

      What do we call two words that sound the same but differ in meaning, such as "flour" and
      "flower"?
      - Synonyms
      - Antonyms
      + Homophones
      - Acronyms
      """
    ),
    (
      "money_and_markets",
      """
      What usually happens to the price of a good when demand rises and supply stays the same?
      - It falls.
      - It does not change.
      - It falls at first and then returns to its old level.
      + It rises.

      What is inflation?
      + A general rise in prices
      - A general rise in employment
      - A fall in the number of banks
      - A rise in the price of a single good

      You put 1,000 euros into an account at 5 per cent interest a year, compounded annually. How
      much is in it after two years?
      - 1,050.00 euros
      - 1,100.00 euros
      + 1,102.50 euros
      - 1,250.00 euros

      What is a monopoly?
      - A market with a single buyer
      + A market with a single seller
      - A market with two sellers
      - A market in which prices are set by law

      What is a tax called of which people with higher incomes pay a larger share of their income?
      - Regressive
      - Proportional
      + Progressive
      - Indirect
      """
    ),
    (
      "computing_basics",
      """
      What is the decimal value of the binary number 1011?
      - 3
      + 11
      - 9
      - 13

      How many bits are there in a byte on today's computers?
      + 8
      - 2
      - 16
      - 1,024

      A sorted list has 1,000 entries. About how many comparisons does a binary search need at
      most?
      - 32
      - 500
      + 10
      - 1,000

      Which data structure gives back first what was put in last?
      - A queue
      - A sorted array
      - A hash table
      + A stack

      What is the value of the logical expression (true AND false) OR (NOT false)?
      - false
      + true
      - It cannot be decided.
      - It depends on the order of evaluation.
      """
    ),
  ]
}

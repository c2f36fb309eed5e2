extension StarterData {
  /// Prompts of the category `creative_writing`.
  static let creativeWriting = """
    Write a short story about a clockmaker who repairs a clock that runs backwards.

    Compose a poem of twelve lines about the first frost on a pumpkin field.

    Tell a bedtime story in which a snail wins a race without cheating.

    Write a letter from the last polar bear in a zoo to the first visitor of the day.

    Imagine that gravity stops for one minute every year. Describe that minute in a small town.

    Write a dialogue between a pessimistic umbrella and a cheerful raincoat.

    Draft the opening paragraph of a detective novel set in a beekeeping club.

    Write a haiku about a bicycle left out in the rain.

    Describe a market in a city that floats in the air, using all five senses.

    Write a limerick about a professor who could not find her glasses.

    Create a fable about a crow and a lamp that ends with a moral about patience.

    Write a comic monologue by a dishwasher that thinks it deserves a holiday.

    A girl finds a door in the back of her school's music room. Continue the story for three
    paragraphs.

    Write a toast for the hundredth birthday of a woman who has never left her island.

    Retell Little Red Riding Hood from the point of view of the grandmother's cat.

    Invent a national holiday for a country of introverts and describe how it is celebrated.

    Write a song with two verses and a chorus about missing the last ferry home.

    Compose a diary entry of an astronaut on the day she gets used to the silence.

    Tell, in no more than 150 words, how a stolen violin finds its way back.

    Write a recipe for happiness in the style of an old cookbook.

    Describe a quarrel between two neighbours over a hedge, seen through the eyes of the hedge.

    Write a scene in which a translator deliberately gets one word wrong and prevents a war.

    Make up a legend that explains why the sea is salty.

    Write a love letter that uses only words from the world of carpentry.

    A lift gets stuck with a magician, a nurse and a tax inspector inside. What happens next?

    Write a sonnet to a worn-out pair of hiking boots.

    Imagine a museum guard who talks to one painting every night. Write what he says on his last
    shift.

    Write the first page of a fantasy novel in which maps change the land they show.

    Write a humorous weather forecast for the inside of a teenager's room.

    Compose an ode to the smell of bread at five in the morning.

    Tell the story of a letter that arrives sixty years late.

    Write a short play of one act in which nobody is allowed to use the word "I".

    Describe winter to someone who has lived all their life in the tropics, as a poem in prose.

    Write an advertisement for a used time machine with several small defects.

    Invent three proverbs of a people who live on ships, and explain each of them.

    Write a ghost story in which the ghost is more frightened than the family.

    Write a farewell speech by a retiring circus clown.

    Turn the life of a raindrop into an adventure story for eight-year-olds.

    Write a story that begins with "The bridge was closed, so we swam" and ends with "and nobody
    asked why".

    Compose a short poem in which every line begins with the next letter of the word HARBOUR.

    Write the minutes of a meeting held by the birds of a city park.

    Describe the same breakfast twice: once as a child in love with the world, once as a tired spy.
    """
}

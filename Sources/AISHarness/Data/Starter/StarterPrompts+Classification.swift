extension StarterData {
  /// Prompts of the category `classification`.
  static let classification = """
    Sort these animals into mammals and birds: bat, ostrich, penguin, whale, kiwi, otter.

    Tell me for each instrument whether it is a string, wind or percussion instrument: cello, oboe,
    timpani, harp, trombone, xylophone.

    Which of the following are prime numbers and which are not? 21, 23, 27, 29, 31, 33

    Label each sentence as a question, a command or a statement: "Close the window." "Is it
    raining?" "The bus is late." "Pass the salt."

    Divide these foods into fruits and vegetables in the botanical sense: tomato, carrot, cucumber,
    spinach, pumpkin, celery.

    Identify which of these is a river and which is a lake: Victoria, Danube, Baikal, Zambezi,
    Titicaca, Mekong.

    Is the mood of this review positive, negative or mixed? "The soup was cold, but the waiter was
    so kind that we stayed for dessert."

    Group the following elements into metals and non-metals: iron, sulphur, copper, oxygen, sodium,
    phosphorus.

    Say whether each of these is a verb, a noun or an adjective: quickness, bright, to hesitate,
    laughter, stubborn.

    Which of these people were painters and which were composers? Claude Monet, Clara Schumann,
    Johannes Vermeer, Antonín Dvořák, Frida Kahlo

    Assign each item to the kitchen, the workshop or the garden: whisk, spirit level, secateurs,
    ladle, chisel, watering can.

    Classify these as renewable or non-renewable sources of energy: wind, coal, natural gas,
    sunlight, tides, oil.

    For each of these cities, name the continent it lies on: Nairobi, Lima, Hanoi, Oslo, Wellington,
    Montreal.

    Decide which of these messages is spam and which is not: "You won a prize, send your bank
    details now" and "Dinner at seven? I'll bring the salad."

    Arrange these clothes by the season in which they are usually worn in Finland: mittens, sandals,
    woollen scarf, sun hat, raincoat.

    Are these shapes flat or solid? cube, hexagon, sphere, trapezium, cone, ellipse

    Mark each word as singular or plural: criteria, phenomenon, mice, datum, oxen, analysis.

    Which of the following languages are Romance, and which are Germanic? Romanian, Dutch, Catalan,
    Icelandic, Portuguese, Danish

    Sort these sports by whether they are played with a ball: handball, fencing, volleyball, rowing,
    tennis, judo.

    Tell whether each chemical is an element or a compound: water, helium, table salt, gold, carbon
    dioxide.

    Categorise these support requests as billing, technical or other: "My invoice shows the wrong
    address." "The app closes when I open it." "Do you have a branch in Graz?"

    Which of these animals are active mainly at night? hedgehog, squirrel, barn owl, butterfly,
    badger, swallow

    Put each of these materials into conductor or insulator of electricity: glass, silver, rubber,
    copper, dry wood, aluminium.

    Say whether each number is rational or irrational: 0.25, the square root of 2, 7/9, pi, the
    square root of 16.

    Split the following list into countries and capitals: Peru, Ankara, Ghana, Reykjavik, Nepal,
    Canberra, Latvia.

    Are the following statements facts or opinions? "The Moon orbits the Earth." "Autumn is the
    loveliest season." "Water expands when it freezes." "Chess is boring."

    Identify each of these as a herb or a spice: basil, cinnamon, thyme, cloves, parsley, nutmeg.

    Which of these are insects, and which are arachnids? ant, scorpion, ladybird, tick, dragonfly,
    tarantula

    For every task, say whether it is urgent, important, both or neither: paying a bill due today,
    learning to swim, answering a chain letter, backing up a computer.

    Classify each tree as evergreen or deciduous: Scots pine, silver birch, holly, beech, Norway
    spruce, horse chestnut.

    Which of these programs is an operating system and which is a programming language? Linux,
    Python, Windows, Haskell, Android, Fortran

    Sort these events into before and after the year 1900: the first Moon landing, the French
    Revolution, the invention of the World Wide Web, the first printed Gutenberg Bible.

    Tell me which tense each sentence is in: "She had left." "They will sing." "He walks home." "We
    were eating."

    Decide for each body part whether it is a bone, a muscle or an organ: femur, biceps, liver,
    sternum, kidney, hamstring.

    Which of the following drinks usually contain caffeine? black tea, peppermint tea, espresso,
    cola, orange juice, mate

    Group these vehicles by where they travel, on land, on water or in the air: tram, glider, ferry,
    helicopter, canoe, tractor.

    Name the poetic device in each phrase, simile, alliteration or personification: "The wind
    whispered." "Brave as a lion." "Peter picked peppers."

    Which planets of the solar system are gas or ice giants, and which are rocky? Mars, Neptune,
    Venus, Saturn, Mercury, Uranus

    Are these books usually found under fiction or non-fiction? a cookbook, a crime novel, an atlas,
    a biography, a fairy tale, a dictionary

    Divide the following cheeses by the milk they are traditionally made of, cow or sheep: Cheddar,
    Roquefort, Pecorino Romano, Gouda, Manchego, Emmental.

    Sort these units by what they measure, length, mass or time: ounce, fortnight, furlong, gram,
    mile, millisecond.

    Tell whether each of these abbreviations stands for an organisation or a unit: WHO, kWh, UNESCO,
    km, IMF, dB.
    """
}

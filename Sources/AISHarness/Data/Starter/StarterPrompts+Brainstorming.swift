extension StarterData {
  /// Prompts of the category `brainstorming`.
  static let brainstorming = """
    Give me ten ideas for a rainy Sunday with two children under seven and no screens.

    I inherited forty empty jam jars. What could I do with them?

    Suggest names for a small bakery that only sells rye bread.

    What are some ways to make a studio flat feel bigger without moving walls?

    List things a village could do with a disused railway station.

    We have a budget of 200 euros for a colleague's farewell. What could we organise?

    How might a public library bring in teenagers who never visit it?

    Name some cheap experiments that show children how air pressure works.

    Think of eight hobbies for someone who works nights and sleeps during the day.

    What could I cook this week if all I have is lentils, rice, onions, carrots and a good spice
    shelf?

    Come up with slogans for a campaign that asks people to repair things instead of replacing them.

    I want to learn Portuguese before a trip in six months. What different ways of practising could
    I combine?

    Propose topics for a podcast about everyday mathematics.

    What are possible reasons why sales of ice cream fell in a town although the summer was hot?

    Give me a handful of ideas for a birthday present for a grandfather who says he needs nothing.

    How can a small office cut its electricity use by a fifth?

    List some unusual places where a chamber orchestra could give a concert.

    What games can be played on a long train ride with only a pencil and paper?

    Suggest ways to keep deer out of a vegetable garden without harming them.

    Which features would make a bicycle better suited to people over seventy?

    What could a school do with a flat roof that gets sun all day?

    Brainstorm titles for a novel about a lighthouse keeper who is afraid of the sea.

    I have thirty minutes a day and no equipment. What kinds of exercise could I do at home?

    How could a neighbourhood get to know each other better after many new families have moved in?

    Find different uses for a brick, apart from building with it.

    What are some good questions to ask a grandparent when recording their life story?

    Our museum owns three thousand clay pipes. How could we make an exhibition of them exciting?

    Give ideas for a team exercise that works equally well for people in the room and people on a
    call.

    What side jobs could a retired carpenter offer in a town full of students?

    List ways to say no to an invitation politely.

    Which small changes to a kitchen routine would cut down on food that ends up in the bin?

    Suggest science fair projects that need at least two weeks of observation.

    How might a town with too many tourists spread them over the year?

    What could go wrong at an outdoor wedding, and how could each problem be prepared for?

    Think of mascots for a swimming club whose pool lies beside a tannery museum.

    Name possible causes of a strange humming noise in an old house at night.

    What are ten things to write about in a journal when nothing has happened?

    Come up with a few plots for a short radio play with only two voices.

    How can someone who hates public speaking prepare for giving a toast?

    Suggest plants, and ways of arranging them, for a balcony that faces north.

    Which volunteer jobs suit a person who has only one free evening a month?

    I run a second-hand bookshop. What events could fill the quiet hours on weekday mornings?
    """
}

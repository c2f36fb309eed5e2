extension StarterData {
  /// Prompts of the category `closed_qa`; the passage of each is marked with `>`.
  static let closedQA = """
    According to the text, why was the lighthouse moved?
    > The lighthouse at Cape Hatteras in North Carolina was finished in 1870. It stood about 460
    > metres from the water at that time, but the shore wore away year after year until the waves
    > came dangerously close to its foot. In 1999 the tower was lifted from its foundation and
    > rolled inland on rails, 884 metres in 23 days. It now stands again about as far from the ocean
    > as it did when it was built, and its black and white spiral stripes can be seen from far away.

    How long does the glue have to dry before the chair may be used?
    > To mend a loose chair leg, first pull the joint apart and scrape off all the old glue, since
    > new glue does not hold on it. Brush wood glue thinly on both parts, push them together and
    > turn the chair upside down on a flat table. Tie a cord around the legs, tighten it with a
    > stick, and wipe off what oozes out with a damp cloth. The cord can come off after two hours,
    > but nobody should sit on the chair for a full day.

    What do the bees do when the hive gets too hot?
    > Honeybees keep the nest in which their young grow up at about 35 degrees Celsius. When it is
    > cold they crowd together and shiver with their flight muscles, which produces heat without
    > moving the wings. When it is too hot, some workers stand at the entrance and fan air through
    > the hive, while others collect water and spread it in thin films over the combs, where it
    > evaporates and cools them. In this way the temperature of the brood hardly changes between a
    > chilly April morning and an afternoon in July.

    Which of the two trains is cheaper for a family with three children, and why?
    > Two trains run between Brackwater and Tolm every day. The express takes 50 minutes and costs
    > 24 crowns for an adult; children pay half. The regional train stops at nine villages, takes an
    > hour and forty minutes and costs 15 crowns for an adult, while up to four children travel free
    > with each adult. Bicycles are carried on the regional train only. On Sundays the express does
    > not run, and the last regional train leaves Tolm at 19:12.

    From the passage, who invented the game of basketball, and what was first used as the basket?
    > In December 1891 James Naismith, a teacher at a training school in Springfield, Massachusetts,
    > was asked to find a game that would keep restless students busy indoors during the winter. He
    > nailed two peach baskets to the balcony of the gymnasium, about three metres above the floor,
    > divided the class of eighteen into two teams and let them throw a soccer ball into the
    > baskets. Since the baskets had bottoms, somebody had to climb up and fetch the ball after
    > every goal. Iron hoops with nets came only later.

    What is the tenant not allowed to do without asking first?
    > The flat is let from the first of May. Rent is due on the third working day of each month. The
    > tenant may paint the walls in any light colour and may hang pictures and shelves, provided the
    > holes are filled on moving out. Small pets that live in cages or tanks are welcome; dogs and
    > cats need the written consent of the owner. The cellar room marked with the number of the flat
    > belongs to it. Washing machines are in the basement and may be used between seven in the
    > morning and ten at night.

    Which property of aluminium made it so costly before 1886, although it is so common?
    > Aluminium is the most abundant metal in the crust of the Earth, yet it once counted among the
    > precious ones. The reason is that it clings firmly to oxygen, and no fire in a furnace with
    > charcoal can part the two. In 1886 Charles Hall in the United States and Paul Héroult in
    > France found, independently of each other, that the oxide can be dissolved in molten cryolite
    > and split with an electric current. Within a few years the price fell to a small fraction, and
    > the metal of emperors turned into that of saucepans.

    Why did Mirela miss the beginning of the concert?
    > Mirela had bought the ticket in March, and on the evening of the concert she left the house an
    > hour early to be safe. The tram came on time, and she even walked the last stop to enjoy the
    > warm air. At the door she found that her ticket was for the small hall on the other side of
    > the river, not for the opera house. She ran across the bridge, lost a heel on the way, and
    > slipped into the last row when the pianist was already playing the second movement.

    What does the passage say is the main food of the giant panda?
    > The giant panda belongs to the bears, and its gut is that of a meat eater: short and simple.
    > All the same, nearly everything it eats is bamboo. Since so little of this food can be
    > digested, an adult has to eat between 12 and 38 kilograms of it a day and spends half of the
    > day doing so. An enlarged wrist bone serves as a kind of thumb with which it holds the stalks.
    > Pandas do not hibernate as some other bears do, because bamboo does not let them store enough
    > fat.

    How many members does the club need so that the general meeting can take decisions?
    > The rowing club of Lower Ness was founded in 1954 and has 180 members at present, 60 of whom
    > are under eighteen. The general meeting takes place every February. It can take decisions when
    > at least a quarter of all members are in the room; if fewer come, a second meeting is called
    > within four weeks, which can decide whatever the number. Members aged fourteen or older have a
    > vote. The rules of the club can be altered by two thirds of the votes given, everything else
    > by more than half.

    According to this text, what did the Rosetta Stone make possible?
    > In July 1799 soldiers of Napoleon's army who were strengthening a fort near the Egyptian town
    > of Rosetta came upon a dark slab with writing on it. It bears a decree of the year 196 BC in
    > three scripts: hieroglyphs, the everyday Egyptian script called Demotic, and Greek. Greek
    > could be read. By comparing the three, and above all the names of kings, Jean-François
    > Champollion was able to announce in 1822 how hieroglyphs work, after nobody had understood
    > them for some fourteen centuries. The stone has been in the British Museum since 1802.

    At what time should the dough be put into the oven if one starts at eight in the evening?
    > This bread needs little work and much time. Stir 500 grams of flour, 380 grams of water, ten
    > grams of salt and a pinch of yeast in a bowl until no dry flour is left, cover it and let it
    > stand for twelve hours. Then fold the dough over itself four times, shape it into a ball, and
    > let it rest on a floured cloth for another two hours. Put it into a hot pot with a lid and
    > bake it for 30 minutes covered and 15 minutes uncovered.

    What advantage of the new bridge does the passage mention for people on foot?
    > The old bridge of Karsund was closed in the autumn after engineers had found cracks in two of
    > its piers. Its successor will be built forty metres upstream. It will carry one lane for cars
    > in each direction instead of two, but a tram line will run in the middle. Cyclists get their
    > own track on the southern side. Walkers, who had to squeeze past each other on a strip of 90
    > centimetres so far, will have four metres of width, benches, and a roof of glass on the
    > northern side.

    Why are there fewer stars in the photograph than the eye can see, according to the author?
    > My first picture of the night sky was a disappointment. I had held the camera in my hand and
    > exposed for a fifteenth of a second, which is far too short: fewer stars came out than I could
    > see standing beside it. A friend explained that a tripod and twenty seconds would do. She was
    > right, and hundreds of stars appeared. When I tried five minutes, however, every star had
    > become a short arc, since the Earth had turned while the shutter was open. Now I take many
    > short pictures and add them up.

    Which part of the plant is saffron made of, and why is it expensive?
    > Saffron comes from a crocus that flowers in autumn. Each flower has three red stigmas, and
    > only these threads are the spice. The flowers open within a few weeks, they have to be
    > gathered by hand, early in the day, before they wilt, and the threads must be plucked out and
    > dried the same day. About 150 flowers give a single gram of dried saffron. It is no surprise
    > that it is the dearest of the common spices, and that it has been stretched with safflower and
    > turmeric ever since it was traded.

    What did the inspector advise the owner of the café to change first?
    > The inspection of the café on Mill Street took place on a Tuesday morning without notice. The
    > kitchen was clean and the staff knew the rules. Three things were noted. The thermometer of
    > the refrigerator was broken, so nobody could say whether milk and eggs were kept below seven
    > degrees; this has to be put right at once. The light above the sink flickers and should be
    > replaced within a month. Finally the list of allergens hangs behind the door, where guests do
    > not see it. A second visit will follow in the spring.

    What kind of animal is the axolotl, and what is unusual about how it grows up?
    > The axolotl is a salamander from the lakes near Mexico City. Most salamanders hatch in water
    > with gills, and later grow lungs, leave the water and live on land. The axolotl does not take
    > that step: it keeps its feathery gills and its fin, stays in the water for life and breeds
    > there. Biologists value it for another gift. When it loses a leg, a new one grows with bones,
    > muscles and nerves in the right places. In the wild it has become very rare, whereas thousands
    > live in laboratories and aquariums.

    Does the guarantee cover the broken handle described at the end? Give the reason.
    > Thank you for choosing a Norrland kettle. We guarantee the heating element for five years and
    > all other parts for two years from the day of purchase. The guarantee does not cover scale,
    > since it comes from the water, nor damage from a fall. To make a claim, send the kettle with
    > the receipt to our workshop; you do not need the box. Mr Halvorsen bought his kettle fourteen
    > months ago. Last week the handle came off while he was pouring; he had never dropped it, and
    > he has kept the receipt.

    In what order did the three friends arrive at the hut?
    > They had agreed to meet at the hut below the pass, each coming from another valley. Jonas had
    > the longest way, but he had set out the evening before and slept in a barn, so he was already
    > sitting on the bench when Amina came round the last bend at noon. She told him she had
    > overtaken nobody. It began to rain at two. At half past three, when they had just decided to
    > go and look for him, Teo stumbled in with wet boots and a bag of cherries he had picked on the
    > way.

    What does the writer think is the reason that the swifts came back?
    > For eleven years no swifts nested in our street. The old houses had been given new roofs, and
    > the gaps under the tiles in which the birds used to breed were gone. Four years ago the pupils
    > of the primary school built twenty wooden boxes, and the fire brigade hung them below the
    > eaves of the town hall. In the first two summers sparrows moved in. Then somebody had the idea
    > of playing recorded swift calls from a window in May, and I am sure that this made the
    > difference: last year there were six pairs.

    How did Eratosthenes know the angle at which the Sun's rays fell in Alexandria?
    > More than two thousand years ago Eratosthenes, the head of the library in Alexandria, worked
    > out the size of the Earth. He had heard that at noon on midsummer day the Sun stood straight
    > above the town of Syene and shone down to the bottom of a well. In Alexandria, farther north,
    > an upright rod cast a shadow at that same moment, and from its length he found an angle of a
    > fiftieth of a circle. So the distance between the two places had to be a fiftieth of the way
    > around the whole Earth.

    What must riders do before they are allowed to take a cargo bike for the whole weekend?
    > The district lends out five cargo bikes free of charge. Anybody over eighteen who lives here
    > can reserve one on the website for up to four hours, and picks up the key at the bakery on the
    > square. Whoever wants a bike for a whole weekend has to take part in a short training first,
    > which is held on the first Saturday of the month and lasts an hour. The bikes carry 100
    > kilograms or two children with helmets. Punctures are mended by the workshop at no cost, if
    > they are reported on the same day.

    Which of the siblings inherits the piano according to the will?
    > I, Edda Lindqvist, being of sound mind, settle my affairs as follows. My house in Sandvik goes
    > to my three children in equal parts. My books go to the town library, which may sell what it
    > does not need. My piano goes to the child who can play the slow movement of a sonata by Mozart
    > by heart on the day the will is read. If more than one can, it goes to the youngest of these.
    > (When the will was read, Karl could play nothing; Signe, who is 41, and Tove, who is 38, both
    > played without a mistake.)

    What is the difference between a stalactite and a stalagmite, as described here?
    > Rain that seeps through the soil takes up carbon dioxide and becomes slightly acid, so that it
    > dissolves a little limestone on its way down. Where it drips from the roof of a cave, some of
    > the gas escapes and a trace of limestone is left behind. Drop after drop, a stalactite grows
    > down from the ceiling. What falls to the floor leaves the rest of its load there, and a
    > stalagmite grows up to meet it. Both grow so slowly, often by no more than a millimetre or two
    > in ten years, that one that is broken off is lost for any human measure of time.

    Why did the author's grandmother never lock the shop?
    > My grandmother kept a shop for sewing goods in a mountain village for fifty years and never
    > locked it. Strangers took this for trust in people, and she let them think so. The truth was
    > simpler. The key had fallen into the well in the second year, and a new lock would have cost
    > more than a week's earnings. After some time she noticed that customers who came while she was
    > in the garden took what they needed and left the money in a saucer, often a little more than
    > the price. So she saw no reason to change anything.

    According to the passage, what is the purpose of the black box in an aeroplane, and what colour
    is it?
    > Every large passenger aeroplane carries two recorders. One stores hundreds of readings such as
    > speed, height and the position of the rudders; the other records the voices and sounds in the
    > cockpit. They are commonly called black boxes although they are painted bright orange, so that
    > they are found more easily. They sit in the tail, which often suffers least in a crash, and
    > they withstand great heat, pressure and blows. When they lie under water, a beacon sends out a
    > signal for at least thirty days. Investigators use them to find out what caused an accident.

    How much would a group of twelve adults pay for a guided visit on a Thursday evening?
    > The museum of clocks is open from Tuesday to Sunday, ten to five, and on Thursdays until nine.
    > Admission is eight pounds for adults and free for anyone under sixteen. From six o'clock on
    > Thursdays everybody pays half. Guided visits take an hour and cost thirty pounds for a group
    > of up to fifteen, in addition to admission; they have to be booked a week ahead. At noon, all
    > 214 clocks that can strike do so, and those with sensitive ears are advised to wait in the
    > courtyard, where coffee is served.

    What does the text say happened to the tomatoes that were grown in the shade?
    > For our project we grew thirty tomato plants of one variety from seed. Ten stood in full sun,
    > ten behind a fence where they had sun until noon, and ten in the shade of the gym. All of them
    > got a litre of water a day. By August the plants in the sun carried 41 ripe fruits on average,
    > those behind the fence 27. The plants in the shade had grown the tallest, to our surprise, but
    > they were thin and pale and bore four fruits each, which did not ripen before the holidays
    > ended.

    Who was allowed to vote in New Zealand after the law of 1893 that the text describes?
    > On 19 September 1893 the governor of New Zealand signed a law that gave all adult women there
    > the right to vote in elections to parliament, the first such law in a self-governing country.
    > It held for Māori women as well. Kate Sheppard and others had gathered nearly 32,000
    > signatures for a petition that year; pasted together, the sheets were some 270 metres long and
    > were unrolled in the chamber. Ten weeks later, about two thirds of the women of the country
    > voted. They could not stand for parliament themselves, however, until 1919.

    What do the authors of the letter ask the city council to do?
    > To the council of Eastmere: we live on Orchard Lane, a street of forty houses with a school at
    > its end. Since the ring road was opened for works in March, drivers have been using our lane
    > as a short cut, up to 300 cars an hour in the morning. Two children have been knocked off
    > their bicycles. We do not ask you to close the lane, since we need it ourselves, nor for
    > cameras. We ask for a row of posts halfway along it that lets bicycles through and turns the
    > lane into two dead ends.

    Which step of the washing instructions did Pavel get wrong?
    > Wash this jumper by hand in cool water with a little wool detergent. Do not rub or wring it;
    > press the soap through gently and rinse twice. Roll it in a towel to take out the water, then
    > lay it flat on a dry towel, pull it into shape and leave it until it is dry. Never hang it up.
    > Pavel used cool water and the right detergent, pressed it with care, rinsed it twice and
    > rolled it in a towel. Then he put it on a hanger by the window, and in the evening the sleeves
    > reached to his knees.

    How is the height of the flood in 1872 known today?
    > In November 1872 a storm from the north-east drove the Baltic Sea against the coasts of
    > Denmark and Germany with a force never measured before or since. For days, westerly winds had
    > pushed water towards the east; when the wind turned, it came back all at once. At least 271
    > people drowned and many thousands lost their homes. On house walls in harbour towns one still
    > finds lines with the date, some of them higher than a grown man can reach. From these marks
    > and the readings of gauges we know that the water stood more than three metres above its
    > normal level.

    What is the maximum weight of the parcel if it is sent to another country, and how long may it
    be?
    > Parcels within the country may weigh up to thirty kilograms. Abroad, the limit is twenty
    > kilograms. In both cases the longest side must not be longer than 120 centimetres, and length
    > and girth together must not exceed three metres. Please do not use string, since it gets
    > caught in the sorting machines; strong tape along all seams is best. A customs form is needed
    > outside the customs union: put it in the clear pocket on the outside, never in the box. Glass
    > travels at the sender's risk, even if the parcel is marked as fragile.

    Which find of Mary Anning does the text mention first, and where did she look for fossils?
    > Mary Anning was born in 1799 in Lyme Regis on the south coast of England. Her father, a
    > cabinetmaker, earned a little extra by selling fossils to visitors, and after his early death
    > the family lived from that trade. The cliffs there crumble in winter storms and lay bare the
    > remains of animals from the Jurassic period. When Mary was about twelve, she and her brother
    > dug out the first skeleton of an ichthyosaur to attract the attention of scholars in London.
    > Later she found the first complete plesiosaur. As a woman she could not join the Geological
    > Society.

    Which three colours may the front door have under the rules of this street?
    > The houses of Weaver's Row were built in 1788 and are protected. Owners may change the rooms
    > inside as they wish as long as the beams stay. Outside, walls are to be whitewashed with lime,
    > roofs covered with slate, and windows made of wood with six panes to a sash. Front doors may
    > be dark green, dark blue or oxblood red; the colour of a door has to differ from those of both
    > neighbours. Satellite dishes must not be seen from the street. Whoever paints a door yellow,
    > as happened last year, has to repaint it within a month.

    What happens to coffee beans during the second crack?
    > Green coffee beans smell of hay and are hard as gravel. In the roaster they first lose water
    > and turn yellow. At about 196 degrees Celsius steam bursts them open with a pop like that of
    > popcorn; roasters call it the first crack, and beans taken out soon after it taste bright and
    > sour. At around 224 degrees a second, quieter crackling begins: the structure of the bean
    > itself breaks, and oils come to the surface. From now on the taste of the roast covers that of
    > the bean, and a minute too long makes charcoal.

    Why did the team choose the older of the two pumps in the end?
    > The well of Sirani needed a new pump. Two offers were on the table. The modern one runs on
    > solar power, lifts four times as much water and needs no muscle; its electronics can be
    > repaired only in the capital, two days away by bus. The older type is worked by hand. Its
    > leather seals wear out every few months, but any shoemaker can cut new ones from scraps, and
    > the rods can be welded in the village. The women who fetch the water were asked, and they
    > answered that a pump that stands still lifts no water at all.

    Which sense do sharks use last before they bite, according to the passage?
    > A shark finds its prey with several senses, one after the other. Low sounds of a struggling
    > fish reach it from hundreds of metres away. Within about a hundred metres or more, depending
    > on the current, it can follow a trail of scent. At closer range it feels pressure waves with
    > the line of organs along its flanks, and in clear water it sees well, even in dim light. In
    > the last moments, when some species cover their eyes to protect them, tiny jelly-filled pores
    > in the snout guide the bite: they respond to the weak electric field around every living body.

    What was the mistake in the first version of the sign?
    > A hotel on the coast put up a new sign beside its pool: "Swimming is forbidden when no
    > lifeguard is absent." Guests laughed at it for a week before the manager asked why. A teacher
    > among them explained that the two negatives cancel each other, so that, read strictly, one
    > could swim only as long as some lifeguard was away. The manager thanked her and had the sign
    > painted over. It now reads: "Swim only when a lifeguard is present." The teacher was given a
    > free dinner, and the old wording is framed above the bar.

    From what material were the pipes in the experiment made that gave the clearest water?
    > The students wanted to know whether the pipes of the old school building affect the taste and
    > colour of the water. They filled three lengths of pipe, of copper, iron and plastic, with tap
    > water and closed them for a weekend. On Monday the water from the iron pipe was brown and left
    > a rusty ring in the glass. The water from the copper pipe looked clean, but had a bluish tint
    > against white paper. That from the plastic pipe was as clear as fresh water. In a blind
    > tasting, though, nine of twelve students picked the plastic one as the worst.
    """
}

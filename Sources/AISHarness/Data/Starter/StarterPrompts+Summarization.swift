extension StarterData {
  /// Prompts of the category `summarization`; the passage of each is marked with `>`.
  static let summarization = """
    Summarise this passage in two sentences.
    > Coral reefs cover far less than one per cent of the sea floor, yet about a quarter of all
    > species in the sea are thought to depend on them at some time of their life. The reefs are
    > built by tiny animals that live together with algae. The algae supply sugar, and the corals
    > give shelter in return. When the water stays too warm for weeks, this partnership breaks down:
    > the corals expel the algae and turn white. They are not dead yet and may recover if it soon
    > gets cooler, but a reef that is bleached every few years has no time to heal.

    Give the gist of this letter in no more than 30 words.
    > Dear neighbours, as most of you have noticed, the walnut tree in the courtyard did not put out
    > leaves on its northern side this spring. An expert has looked at it and found a fungus in the
    > trunk. She says the tree may stand for another ten years or fall in the next storm, and that
    > nobody can tell. It could be held with steel cables for 900 euros, plus an inspection every
    > year, or be felled for 600. Please let me know by Sunday what you would prefer. I should add
    > that my own heart is with the cables. Yours, Matteo

    Write a headline and one sentence that sum up the following report.
    > The ferry between Lunden and the island of Orr will be powered by batteries from next spring.
    > The ship, which carries 120 cars, has been rebuilt over the past eight months at a yard in
    > Gdynia. It will be charged at both ends of the crossing, for nine minutes each time, while
    > cars drive on and off. The operator expects to save 1.4 million litres of diesel a year.
    > Islanders welcome the silence, but fishermen in the harbour of Orr complain that the new
    > charging tower stands where they used to dry their nets.

    Condense this explanation for a ten-year-old.
    > A rainbow appears when the Sun shines on rain and you stand with your back to the Sun. Light
    > that enters a drop is bent, thrown back by the far side of the drop, and bent again when it
    > leaves. White light is a mixture of all colours, and each colour is bent by a slightly
    > different amount, so the drop spreads them like a fan. From any one drop only a single colour
    > reaches your eye; the drops above and below send you the others. That is why two people
    > standing side by side never see exactly the same rainbow.

    Summarize the main argument of this comment and the objection it answers.
    > Our town should stop giving away parking spaces. A place by the kerb takes up twelve square
    > metres of the dearest land we have, and those who use it pay less per year than a market woman
    > pays per week for a stall half that size. Shopkeepers fear that customers will stay away. I
    > understand that worry, but the counts on Bridge Street, where parking has cost money for two
    > years, show the reverse: cars stay for a shorter time, more of them find a place, and takings
    > are up by six per cent. What is free is always full.

    Sum up in one paragraph what happened, leaving out the details of time and place.
    > On Thursday at around four in the afternoon a flock of 140 sheep escaped from a meadow near
    > Upper Dalling because walkers had left a gate open. The animals trotted along the county road
    > and reached the car park of a supermarket, where they ate the flower display and refused to
    > move. The police closed two streets. Only when a cashier who had grown up on a farm rattled a
    > bucket of oats did the leading ewe follow her, and the others came behind. By eight all were
    > back; the bill for the flowers was 310 pounds, and the supermarket has waived it.

    What are the key points of this safety notice? Use at most four bullet points.
    > Carbon monoxide is a gas that forms when something burns with too little air. It has no colour
    > and no smell, and it takes the place of oxygen in the blood. Those affected first have a
    > headache and feel dizzy or sick; many think it is the flu. Never use a charcoal grill indoors,
    > not even in a fireplace or with the window open. Have boilers and chimneys checked each year.
    > A detector costs little and should hang in every bedroom. If it goes off or you suspect the
    > gas, go out into the fresh air at once, then call for help.

    Summarise the history told here in three sentences.
    > Tulips are not from the Netherlands but from the mountains of Central Asia, and they were
    > grown in the gardens of the Ottoman sultans long before they reached western Europe in the
    > sixteenth century. In Holland they became a fashion, and rare ones with flamed petals were
    > sold for ever more money. In the winter of 1636 people traded contracts on bulbs that still
    > lay in the ground. In February 1637 the buyers stayed away and prices collapsed. Historians
    > now doubt that the crash ruined the country, as was long believed; mostly it was well-to-do
    > merchants who lost. The flames, it turned out later, were caused by a virus.

    Shorten this review to a tweet of at most 200 characters.
    > I have used the Tarn rucksack for a year, on four long walks and every working day. It sits
    > well even with twelve kilograms in it, and the hip belt has not slipped once. The two side
    > pockets are deep enough for a litre bottle. Rain is another matter: the fabric holds for
    > perhaps half an hour, and the cover that should come with a bag of this price has to be bought
    > separately. One zip jammed in the eighth month, was replaced without any fuss, and has run
    > smoothly since. I would buy it again, together with the cover.

    Summarize the plot of this tale without giving away the ending.
    > A poor weaver found a purse with a hundred gold coins and brought it to the merchant who had
    > lost it. The merchant had promised a reward of ten coins, but he now counted the money and
    > cried: there were a hundred and ten in it, so you have already taken yours! They went to the
    > judge. She listened to both, weighed the purse in her hand and said: I believe you both. The
    > merchant lost a purse with a hundred and ten coins, and this one holds a hundred. So it cannot
    > be his. Let the weaver keep it until its owner turns up.

    State the finding, the method and the limitation of this study in one sentence each.
    > Does music help hens? Researchers at an agricultural college kept two groups of 200 hens in
    > identical barns for twelve weeks. In one of them a radio played slow instrumental music for
    > six hours each day, in the other there was silence. Eggs were counted by machine. The hens
    > with music laid 4 per cent more eggs, and fewer of the shells were cracked. The authors point
    > out that there were only two barns, so that any other difference between these, such as a
    > draught or a more careful keeper, could have had the same effect. They plan to repeat the
    > trial with twenty barns.

    Give a brief summary of the biography below.
    > Emmy Noether was born in Erlangen in 1882, the daughter of a mathematician. Women could not
    > study regularly in Bavaria at first, so she sat in on lectures with the permission of each
    > professor. She took her doctorate in 1907 and worked at the university for years without pay.
    > David Hilbert called her to Göttingen, where she lectured under his name until she was allowed
    > to use her own. There she proved that every continuous symmetry in physics belongs to a
    > conserved quantity, and she gave modern algebra much of its shape. Dismissed in 1933 because
    > she was Jewish, she went to the United States, and died there in 1935.

    Summarise the rules of this game so that a beginner can start to play at once.
    > Each of two players needs nine stones. The board shows three squares inside each other, joined
    > at the middle of their sides, which gives 24 points. At first the players put down their
    > stones in turn on empty points. After that they move one stone a turn along a line to the next
    > empty point. Whoever gets three of their stones in a row on a line has a mill and takes away
    > one stone of the opponent, if possible not from a mill. A player with three stones left may
    > jump to any point. You lose when you have two stones left or cannot move.

    In a single sentence, what is this passage about?
    > Whoever wants to know how old a tree is can count its rings, and whoever compares the rings of
    > many trees can do more. A dry summer leaves a narrow ring in every tree of a region, a wet one
    > a broad ring, and so each stretch of years has its own pattern, like a bar code. Samples from
    > living trees overlap with those from old beams, and these with logs from bogs, until a chain
    > of thousands of years has been built. A plank from a sunken ship can then be laid against the
    > chain to find the year in which its outermost ring grew.

    Write an abstract of about 40 words for the following talk.
    > Good evening. I would like to tell you tonight about the least loved part of a library, the
    > catalogue. We think of it as a list, but it is a theory of what people might ask. When our
    > library was founded, books were entered by the name of the author alone, as gentlemen knew
    > whom they wanted to read. The subject catalogue of 1891 was made for workers who wanted to
    > know about steam. The search box of today assumes that you can name what you lack. I shall
    > argue that we need a catalogue for people who do not know yet what they are looking for.

    Summarise the advantages and disadvantages of the two heating systems described.
    > The residents of the house on Elm Square must choose a new heating system. A heat pump would
    > cost 84,000, of which the state pays a third, and about 5,200 a year for electricity. It needs
    > a unit in the yard that hums softly, and the radiators on the top floor would have to be
    > replaced. District heating is cheaper to install, at 38,000, takes up no room, and can be
    > connected within a week. Its price, however, is set by a single supplier, is around 8,900 a
    > year at present, and has risen in each of the last four years.

    Boil this down to the three most important pieces of advice.
    > If you get lost on a walk, the first thing to do is to stop. Most people who are found late
    > kept going in the hope that the path would appear, and often walked in a circle. Sit down,
    > drink something, look at the map, and try to recall the last point you were sure about. If you
    > can go back there safely, do so. If it is getting dark or foggy, stay where you are: put on
    > everything warm you have with you, and make yourself visible. Six signals in a minute, with a
    > whistle or a torch, then a minute's pause, is the Alpine distress call.

    Summarize what the two speakers disagree about and what they have in common.
    > The evening on the future of the village school was livelier than expected. Mrs Oduya, who
    > taught there for thirty years, argued that a school with nineteen pupils should be kept at any
    > price: children who walk to school belong to the place, and a village without a school becomes
    > a dormitory. Mr Hale of the education board replied that the nineteen, spread over four years,
    > had nobody of their age to play with, and that the school in Merrin has a gym, a choir and a
    > nurse. Both of them were against the third plan, to teach the children at home over the
    > internet.

    Summarise the passage for someone who has to decide whether to fund the project.
    > The harbour of Saltby silts up by about eight centimetres a year. So far a dredger has come
    > every spring, which costs 220,000. The engineers of the port propose a wall of 140 metres that
    > would turn the current aside. According to their model it would cut the silting by two thirds.
    > Building it would cost 1.9 million and last two summers, during which the marina would lose
    > half of its berths. Environmental groups fear for the mussel bed on the eastern side; the
    > model does not say anything about it. A smaller test wall of stone-filled bags could be put up
    > for 90,000 and taken away again.

    Provide a neutral summary of this rather heated post.
    > I cannot believe that they have done it again! The outdoor pool closes on the last day of
    > August, on the dot, although we have 28 degrees and the forecast is splendid for the next two
    > weeks. I called the office three times. The first time nobody answered, then I was told that
    > the season is the season, and in the end a nice lady explained that the lifeguards are
    > students whose contracts end this week and that there is no money for others. So hire them for
    > longer! We pay taxes all year round and get to swim for eleven weeks. Who plans such things?

    Summarize the following process step by step, one short line for each.
    > Linen begins with flax, which is pulled out with its roots and not cut, so that the fibres
    > stay long. The seeds are combed off and the stalks are left in the dew of the field for some
    > weeks, where fungi and bacteria loosen the fibres from the woody core. When they are dry, they
    > are crushed between grooved rollers, and the broken bits of wood are beaten out. Then the
    > fibres are drawn through combs, coarse ones first and fine ones later, which sort out the
    > short pieces, called tow. What is left, as blond as hair, is spun wet into a smooth thread.

    Write a summary of this diary entry in the third person.
    > 3 March. We have been waiting for the ice to break up for nine days now. The captain plays
    > chess against himself and loses, as he says. I have mended all my socks and begun with those
    > of the others. This morning a fox came close to the ship, white but for a grey patch on its
    > back, looked at us as if we were the strange ones, and left. In the afternoon there was a long
    > crack like thunder, and we all ran on deck, but the ice looked the same. The cook has found a
    > tin of peaches. We shall open it tomorrow, or when we are free.

    Summarise how the two theories in this passage differ.
    > Why do zebras have stripes? One idea, as old as Darwin's time, is that they confuse lions: a
    > herd on the run becomes a flicker of lines in which no single animal can be picked out. Yet
    > lions kill zebras often enough, and measurements suggest that they cannot make out the stripes
    > from far away. The other idea concerns something much smaller. In experiments, biting flies
    > that carry disease came just as close to striped surfaces as to plain ones but failed to land
    > properly. Horses in striped blankets were bitten less than horses in plain ones. Where such
    > flies are common, wild members of the horse family tend to have more stripes.

    Give a summary of this notice that fits on a postcard.
    > To all residents of the eastern quarter: between 4 and 22 May the water mains on Hazel Road,
    > Finch Road and the southern part of Mill Lane will be replaced. On working days the water will
    > be turned off from eight until three, in one street at a time; a card in your letter box will
    > tell you the exact day. Please have some water ready for drinking and for the toilet. When the
    > supply comes back it may be brown: let the tap run until it is clear, and do not wash white
    > laundry on that evening. A tank wagon will stand at the church.

    Summarise the scientific content of this passage in plain words, in two or three sentences.
    > Enzymes are proteins that speed up chemical reactions in living things, often by a factor of
    > millions, without being used up. Each has a pocket, the active site, into which only certain
    > molecules fit. There they are held in a position in which bonds break or form more easily, so
    > that less energy is needed to start the reaction. Heat makes the reaction faster at first; but
    > above a certain temperature, which is around 40 degrees for many human enzymes, the protein
    > begins to lose its shape, and the pocket with it. Acidity has a similar effect, which is why
    > the enzymes of the stomach do not work in the gut.

    Summarize this interview answer and keep the speaker's tone.
    > People ask me how I became a piano tuner, as though nobody would do it on purpose. I wanted to
    > be a pianist, like all of us. At the conservatory there was a man who came on Mondays, old
    > Feliks, and I noticed that I looked forward to him more than to my lessons. He would strike a
    > fifth and tilt his head, and you saw that he heard something that we did not. One day I asked
    > him what it was. He said: the beats, child, listen to the beats, and they slowed down and
    > stopped, and the room became clear. After that, playing seemed almost rude.

    Summarise the report in one sentence for the front page and in three sentences for page five.
    > The council of Brennick voted last night by 17 to 12 to buy the former cinema on Station
    > Street for 740,000. The building, which has stood empty since 2011, is to become a centre for
    > music and dance. The roof has to be repaired before the winter, which will cost an estimated
    > 200,000, while the rest of the work depends on a grant that will be decided in June. Opponents
    > called the purchase a leap in the dark. A citizens' group that had gathered 3,100 signatures
    > sang in the gallery when the result was read out, and the mayor, who had voted against it,
    > joined in.

    What does the author want to tell us? Summarise in your own words.
    > My father was a ferryman, and he taught me never to steer straight for the place where I
    > wanted to land. The river carries you down, he said, so aim for the willow above the jetty. I
    > have found this to be true of nearly everything. The pupil who wants to become famous
    > practises the showy passages, and the one who practises scales is the one we end up listening
    > to. Those who chase sleep lie awake. When I wanted to be a good mother, I read books on it,
    > and when I gave up and planted beans with the children, I perhaps was one.

    Summarize the differences between the three kinds of tea in a short table.
    > Green, oolong and black tea all come from the leaves of the same shrub; what differs is how
    > far the leaves are allowed to react with the air. For green tea, the fresh leaves are heated
    > soon after plucking, in a pan or with steam, so that the reaction stops; it is brewed with
    > water of 70 to 80 degrees. For black tea, the leaves are withered and rolled, and they darken
    > fully before they are dried; it is brewed with boiling water. Oolong lies in between. Its
    > leaves are bruised and turn only in part, and water of about 90 degrees suits it well.

    Sum up the legal situation described here in simple language.
    > A contract of sale comes about when one side makes an offer and the other accepts it without
    > changes. Goods in a shop window, under the law of many countries, are not an offer but an
    > invitation: it is the customer who offers to buy at the till, and the seller may decline. That
    > is why a jeweller whose assistant has put a tag of 50 instead of 5,000 on a ring need not hand
    > it over. It is different once the till has rung and the money has been taken. Then the sale
    > stands for the time being, and the jeweller has to plead that there was a mistake.

    Summarise this passage and explain in one further sentence why it matters.
    > Every two weeks or so, according to a common estimate, a language falls silent because its
    > last speaker dies. Of around 7,000 that are spoken today, perhaps half will be gone by the end
    > of the century. Most have only a few hundred or a few thousand speakers, who pass on a larger
    > language to their children since it promises work. With each of them vanish songs, names for
    > plants and a way of putting the world in order. Some have come back: Māori and Hawaiian are
    > taught in nursery schools again, where grandparents speak to children whose own parents never
    > learned the language.

    Turn these minutes into a summary of decisions only.
    > The allotment association met on 14 March with 31 members present. The chair welcomed everyone
    > and recalled the hard frost in January. Mr Lowe reported that the lower tap had burst; it was
    > decided to have it repaired at a cost of up to 400. There was a long discussion on whether
    > chickens should be allowed, which ended without a result. The annual fee stays at 65. Mrs
    > Ferrante suggested a festival in July and was asked to find out what a tent would cost. By 24
    > votes to 7 the members banned bonfires from May to September. The chair closed the meeting at
    > ten.

    Summarize the text in exactly three bullet points.
    > Sleep is not a state in which the brain simply rests. In the course of a night it passes
    > through several cycles of about ninety minutes, in each of which deep sleep is followed by a
    > phase with lively dreams and rapid movements of the eyes. Early in the night deep sleep
    > prevails, and towards morning dreams take up more time. Both seem to help memory: what was
    > learned during the day is replayed and made firm. Those who shorten their night by two hours
    > lose mainly dreams. People kept awake for a whole day and night react about as slowly as
    > drivers who have drunk too much.

    Write a two-sentence summary of this travel report for a newsletter.
    > We had planned to cross the peninsula in four days and took seven. On the first, the path had
    > slid into the sea, and we had to climb over a ridge for which nobody had packed enough water.
    > On the second, we met a shepherd who gave us cheese and told us that the inn we were heading
    > for had closed in 1998. We slept in his barn, and again, because of a storm, on the night
    > after. From then on things looked up: two days through oak woods with nightingales, one along
    > a beach without a footprint, and on the last a bus that actually came.

    Summarise what the experiment showed and how the children differed from the adults.
    > In a simple experiment people are shown a box of crayons and asked what they think is in it.
    > Crayons, everybody says. The box is opened, and it contains candles. Then comes the question
    > that matters: what will your friend, who has not looked inside, think is in the box? Adults
    > and most children of five and over answer crayons. Most children of three say candles. Having
    > learned the truth, they take it for granted that others know it as well, and they even claim
    > to have said candles themselves at the start. Between these ages a child discovers that
    > somebody else's head can hold something that is not so.

    Summarise this product recall in one sentence that could be read out on the radio.
    > The company Hearthside asks all customers who have bought the lamp Luma 4 since September to
    > stop using it at once. In some of these lamps a cable may rub against the metal foot, so that
    > the lamp can give an electric shock. Two people have been slightly hurt. Affected are lamps
    > with numbers from 20300 to 20950, which are printed on the underside. They can be returned to
    > any shop that sells the brand, with or without a receipt, and the full price will be refunded.
    > Lamps with a brass foot and the smaller model, Luma 2, are safe.

    Give me the essence of this speech in under 50 words.
    > Dear graduates, I was asked to give you advice, and I had a page full of it. Then I talked to
    > the man who sweeps this hall, who has heard forty of these speeches, and asked him what he
    > remembers. He said: nothing, to be honest, apart from a woman who forgot her notes and told us
    > how she had failed her first exam and cried behind the boiler house. So here is what I have. I
    > failed mine, too. Nobody has asked me about it since. What people have asked me, again and
    > again, is whether I would help them. Say yes to that more often than seems sensible.

    Summarise the trade-off that this passage describes.
    > A bridge can be made safer by adding steel, and for a long time engineers did so without much
    > thought. But steel is heavy, and a heavier deck needs thicker cables, which need larger
    > towers, which need deeper foundations. Beyond a certain point most of the strength of the
    > bridge goes into carrying itself. The longest spans therefore use decks that are as light as
    > possible. Light decks, however, are at the mercy of the wind; a bridge in the state of
    > Washington twisted itself to pieces in 1940, four months after it was opened. Designers now
    > shape decks like the wings of an aeroplane and test models in wind tunnels.

    Write a summary of the passage that a visitor could read on a museum label, in at most 60 words.
    > This grey stone was used to grind grain more than seven thousand years ago. The person who
    > worked with it, very probably a woman, knelt on the ground behind the larger stone and pushed
    > the smaller one back and forth over the kernels, for several hours a day. We know of this from
    > skeletons of the time, whose toes, knees and lower backs are worn in a way that fits such
    > work. The stone came from a quarry thirty kilometres away, although there are good stones
    > nearby. When it had become too thin to use, it was laid face down in a pit, perhaps as an
    > offering.

    Summarize the customer's problem, what has been tried, and what she wants now.
    > Hello, this is the third time I am writing. In January I ordered a folding table, number 5518,
    > and it arrived with three legs of 72 centimetres and one of 70. Your service sent me a new
    > leg, which was 70 centimetres long, too. I then got a form asking me to rate how well my
    > problem had been solved. After my second message I was advised to put a coaster under the
    > short leg. I have done this, and the table now stands firm but cannot be folded up any more. I
    > would simply like to send it back and have my money returned. Hannah Abara
    """
}

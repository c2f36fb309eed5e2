extension StarterData {
  /// Prompts of the category `information_extraction`; the passage of each is marked with `>`.
  static let informationExtraction = """
    List every date in the text and say what happened on it.
    > The theatre of Vell was opened on 3 October 1908 with a play that nobody remembers. It burned
    > down on 12 January 1931, when a stage lamp set fire to a curtain; no one was hurt. The new
    > house, built of concrete and seating 640, was ready on 1 September 1934. During the war it
    > served as a store for grain. Since 15 May 1982 it has been a listed building, and the latest
    > renovation, which cost eleven million, ended on 30 November 2019.

    Extract all names of people and the roles they have.
    > The school orchestra thanks everyone who made the summer concert possible. Henrike Maas
    > conducted for the last time before her retirement. The solo part in the clarinet concerto was
    > played by Idris Bello, who is sixteen. Lights and sound were in the hands of Paul Okafor, the
    > caretaker, and the programme was designed by Lena Wirth from the ninth form. Mayor Agnes Toth
    > gave a short speech. We are also grateful to Mr Lindgren, who lent us his harpsichord and
    > tuned it twice in one day.

    Pull out the ingredients and their amounts as a bulleted list.
    > For four people, wash 600 grams of small potatoes and boil them in their skins. Meanwhile chop
    > two bunches of chives and one shallot and stir them into 500 grams of quark with three
    > tablespoons of linseed oil. Thin it with about 80 millilitres of milk until it drops slowly
    > from the spoon, and season with salt, pepper and a squeeze of lemon. Halve the hot potatoes,
    > put the quark beside them, and pour a little more oil on top. Eight radishes in slices add
    > colour but are not needed.

    Which chemical elements does this passage mention? Give a list with the use named for each.
    > The colours of fireworks come from metals that glow when they are heated. Compounds of
    > strontium burn red, those of barium green, and those of copper blue, which is the hardest to
    > get right because the compound falls apart if the flame is too hot. Sodium gives a strong
    > yellow that quickly drowns the other colours. For silver and white sparks, makers add filings
    > of titanium, magnesium or aluminium. The bang itself is still the work of black powder, whose
    > ingredients are charcoal, sulphur and potassium nitrate.

    Find the departure time, the platform and the destination of each train in this announcement.
    > Good morning. Because of repair work on the bridge, several trains leave from other platforms
    > today. The 8:14 to Harrow Bay departs from platform 3 instead of platform 1. The 8:20 to
    > Linfield is cancelled; passengers are asked to take the 8:35 to Stoke Marsh from platform 6
    > and to change there. The night train from the south is running fifty minutes late and is
    > expected at 8:50 on platform 2, from where it will go on to Port Ellery at 9:05. We apologise
    > for the inconvenience.

    From the passage below, list the countries that the Danube flows through or touches, in the
    order given.
    > The Danube begins in the Black Forest where two small rivers meet, and it ends 2,850
    > kilometres farther east in the Black Sea. On its way it flows through or touches ten
    > countries, more than any other river in the world: Germany, Austria, Slovakia, Hungary,
    > Croatia, Serbia, Romania, Bulgaria, Moldova, where it has only a few hundred metres of bank,
    > and Ukraine. Four capitals lie on it. Its delta, most of which belongs to Romania, is a home
    > of pelicans and sturgeons and is protected as a biosphere reserve.

    What are the three complaints raised in the letter? Write each as one short sentence.
    > Dear Sir or Madam, I spent the week from 6 to 13 July in your guest house and want to tell you
    > why I shall not come back. The room was pretty and the breakfast excellent. But the window
    > could not be closed, so that I listened to the delivery vans from five every morning. The sea
    > view for which I paid extra consisted of a corner of the harbour behind a billboard. And when
    > I asked for a quieter room, the young man at the desk went on typing without looking up. Yours
    > faithfully, R. Sandoval

    Extract the symptoms described and how long each has lasted.
    > The patient, a gardener of 52, comes because of pain in the right knee, which he has had for
    > about three months and which is worst on stairs. For two weeks the knee has been swollen in
    > the evening. He has slept badly since the beginning of the year, which he puts down to his
    > work as he is building a terrace. He noticed a rash on his left forearm yesterday; it itches,
    > but he thinks it comes from the parsnips he pulled up. He has no fever and has not lost
    > weight.

    List the animals in the text together with their record.
    > Size is not everything in the animal kingdom. The blue whale is the heaviest animal alive, and
    > the ostrich lays the largest eggs of any living bird. But the peregrine falcon is faster than
    > either: no animal reaches a greater speed than it does in its dive. The Arctic tern travels
    > farthest, from the north of the globe to the south and back each year. The cheetah wins any
    > sprint on land. And a humble clam, the ocean quahog, may live longer than five hundred years.

    Give me the name, the price and the delivery time of every item in this message.
    > Hello Mr Berger, here is the offer you asked for. The oak desk is 780 euros and can be with
    > you in six weeks, as it is made to measure. The bookcase Ulm, in ash, costs 415 euros; we have
    > it in stock and deliver within five days. You also asked about the office chair: the model
    > with armrests is 290 euros, and the maker promises ten days. Delivery up to the second floor
    > is included in all prices. The offer stands until the end of the month. Kind regards, Sofia
    > Brandt

    Identify the causes that the author names for the fall in the number of eels.
    > In the rivers of Europe there are far fewer young eels today than forty years ago; some counts
    > have fallen by more than ninety per cent. No single culprit has been found. Dams and weirs bar
    > the way up the rivers, and the turbines of power stations kill many adults on the way down to
    > the sea. A parasite from Asia damages the swim bladder that they need for the journey to the
    > Sargasso Sea. Poisons gather in their fat. Add to this that the glass eels, as the young ones
    > are called, are caught and smuggled.

    Which tools are needed, and for which step is each of them used?
    > A drawer that sticks can usually be mended in a quarter of an hour. Take it out and look for
    > shiny spots on the sides: that is where it rubs. Take off a few shavings there with a small
    > plane, then smooth the place with fine sandpaper wrapped around a cork. If a screw of the
    > runner stands out, turn it in with a screwdriver. Rub the edges with a candle, which works
    > better than any spray. If the bottom of the drawer has come loose, drive it back gently with a
    > rubber mallet.

    Extract the numbers in this report and state what each of them measures.
    > The wind farm at Hollow Ridge has been running for one year. Its 14 turbines, each with a
    > capacity of 4.2 megawatts, produced 171 gigawatt-hours, enough for about 45,000 households.
    > The wind was strong enough to turn the rotors for 7,300 hours. For 96 hours the turbines were
    > stopped because of ice on the blades, and for 210 hours because bats were flying. The operator
    > spent 1.3 million on repairs. Seven complaints about noise were received, five of them from
    > the same address.

    List the arguments for and the arguments against the proposal in two columns.
    > At Monday's meeting the parents discussed whether school should begin at nine rather than at
    > eight. Dr Ames pointed out that teenagers fall asleep later for biological reasons and learn
    > better when rested. Several fathers replied that they have to be at work by half past eight
    > and cannot leave younger children alone. The sports club fears that training will run into the
    > dark in winter. The bus company, on the other hand, would welcome the change, as its vehicles
    > are overcrowded at half past seven. A vote was put off until March.

    Name the places mentioned and the goods that came from each.
    > The storehouses of the old merchant on the quay tell where his ships had been. Under the roof
    > hung bunches of vanilla from Madagascar. On the floor below stood chests of tea from Assam and
    > sacks of coffee from Java. The ground floor smelled of the cod that was brought dried from
    > Norway, and in the yard lay logs of cedar from Lebanon. The cellar, which was cool even in
    > August, held barrels of wine from Madeira. Only the salt was from nearby: it came from the
    > pans at the mouth of the river.

    Find every deadline in the text and what has to be done by it.
    > Welcome to the master's programme. Please note the following. You have to register at the
    > student office by 10 September, with your passport and two photographs. Choose your courses on
    > the website before noon on 24 September; later choices are possible only if places are left.
    > The fee has to reach us by the end of the month. Those who want a room in the hall of
    > residence should have applied by 1 August, but a few rooms come free in October, so do ask.
    > The topic of your thesis is due on 15 April.

    Extract the four moons that the passage names and one property of each.
    > In January 1610 Galileo Galilei turned his telescope to Jupiter and saw small stars beside it
    > that changed places from night to night. They were its four largest moons. Io, the innermost,
    > is covered with volcanoes that throw sulphur hundreds of kilometres high. Europa hides an
    > ocean of salt water under a crust of ice and is one of the places where researchers hope to
    > find life. Ganymede is the largest moon in the solar system, larger than the planet Mercury.
    > Callisto, the outermost, has one of the most heavily cratered surfaces known.

    Write down the sender, the addressee, the subject and the request of this email.
    > From: Nadia Rahimi. To: the editors of the Lowland Courier. Subject: your article on wells. In
    > Saturday's issue you write that the water from private wells in Kerst is "unsafe throughout".
    > I took part in the survey you mention. We tested 61 wells: 48 met every limit, 11 had too much
    > nitrate, and two contained bacteria. I do not want to play down the 13 that failed, but the
    > other families are now being asked by their guests whether they should bring their own water.
    > Please print a correction on the same page.

    List the inventions in this text, each with its inventor and year.
    > Much of what we take for granted came from people who are half forgotten. The safety pin was
    > patented by Walter Hunt in 1849; he is said to have sold the rights to settle a small debt.
    > Josephine Cochrane received a patent for a dishwasher in 1886, since she wanted a machine that
    > did not chip her china. Mary Anderson patented a hand-driven windscreen wiper in 1903, but no
    > company would buy it. And Garrett Morgan, who had left school after the sixth grade, was
    > granted a patent for a traffic signal in 1923.

    What equipment was lost, what was damaged and what was saved? Answer in three lists.
    > Report on the capsizing of 8 June. At 15:40 a squall turned over canoe number two with Ines
    > and Marek aboard. Both wore vests and swam to the bank. We could recover the canoe, both
    > paddles and the dry bag with the telephones, which had stayed dry. The tent was soaked, and a
    > pole had snapped; the stove works, but its windshield is bent. The food barrel drifted off and
    > was not seen again, nor was Marek's left boot. The map stuck to the bottom of the boat and can
    > still be read.

    Extract the opening hours for each day of the week from this notice.
    > Dear customers, from the first of February our opening hours will change, as Mrs Petrov is
    > retiring and we have not found anybody to replace her. On Mondays the shop will remain closed.
    > From Tuesday to Friday we open at nine, but close for lunch between half past twelve and two;
    > we shut at six, except on Thursdays, when we stay until eight. On Saturdays we are here from
    > eight to one without a break. Orders for bread on Sunday can be picked up at the side door
    > between nine and ten.

    Identify the bird, the place, the date and the observer of each sighting.
    > Last month brought three rare guests. On the fourth, Oona Leary saw a hoopoe on the lawn
    > behind the cricket ground, where it probed for grubs for an hour. A glossy ibis fed on the
    > flooded meadow at Tarn End from the ninth to the twelfth; it was found by the Hughes brothers,
    > and half the county came to look. Last, on the twenty-seventh, a snow bunting in winter
    > plumage sat on the breakwater at Pell. The photograph sent in by Dr Marsh leaves no doubt,
    > although the date is very early.

    Which rules does the text set for the use of the reading room? Number them.
    > The reading room of the archive has twelve seats, which cannot be reserved. Coats and bags are
    > left in the lockers; laptops and loose sheets may be brought in. Only pencils are allowed, no
    > pens of any kind. Files are ordered before eleven for the same day, and nobody may have more
    > than five at the table. Photographs for private use are free, but flash and tripods are
    > forbidden. Whoever wants to publish a picture has to ask for permission in writing. Documents
    > are to be left in the order in which they are found.

    List each layer of the atmosphere that is mentioned with the height at which it ends.
    > The air around the Earth is divided into layers. We live in the troposphere, where nearly all
    > weather takes place; it ends at a height of about 12 kilometres on average, lower at the poles
    > and higher at the equator. Above it the stratosphere, which contains the ozone layer, reaches
    > up to about 50 kilometres. In the mesosphere, which ends at roughly 85 kilometres, most
    > meteors burn up. Then follows the thermosphere, the home of the northern lights and the space
    > station. Its upper edge moves with the activity of the Sun, between 500 and 1,000 kilometres.

    Pick out the sentence with the author's main claim and the two pieces of evidence for it.
    > People say that my town has become noisier. I believe the opposite: it is quieter than it was
    > when I was a child. Trams used to screech around the corner of the fish market; since the
    > rails were relaid on rubber, one hardly hears them. The city measures the noise at twelve
    > crossings, and at nine of them the level has dropped by three decibels or more since 1990.
    > What has grown is our wish for silence. We sleep with closed windows and own headphones, and a
    > single motorcycle now seems an outrage.

    Extract what each family member is allergic to or does not eat.
    > Dear Aunt Rosa, thank you for inviting all of us. As you asked, here is what to look out for.
    > Papa eats everything apart from beetroot, which he says tastes of cellar. Mama is allergic to
    > hazelnuts, and even traces make her ill. Emil has given up meat but does eat fish. Little Juna
    > cannot have cow's milk; cheese from goats is fine. I myself have no allergies, though I would
    > rather not eat mushrooms after what happened in Trieste. And the dog, should he come, must not
    > have chocolate, however he looks at you.

    List the characters and how they are related to one another.
    > The old mill belonged to Barnabas Crane and, when he died, it went to his two daughters.
    > Philippa, the elder, married a miller called Tobias Reed, and their son Edwin was born in the
    > room above the wheel. Her sister Maud never married, but she brought up Clara, the orphaned
    > child of their cousin Simon. Edwin and Clara grew up like brother and sister. Nobody in the
    > village was surprised when Tobias left his share to Clara, except Edwin's wife, Beatrix, who
    > had already chosen the wallpaper.

    Find the amounts of money in the text and for what they were paid.
    > The accounts of the village fair have been closed. We took 4,120 crowns at the gate and 2,875
    > at the cake stall. The band received 1,500 crowns, and 640 went for the hire of the tent. The
    > insurance cost 310. We had set aside 500 for the fireworks but spent only 220, as it rained
    > and half of them would not light. Replacing the window of the vicarage came to 180 crowns.
    > After all bills were paid there remained 4,145 crowns, of which 4,000 have been given to the
    > fire brigade for its new pump.

    From the text, extract the stages in the life of the butterfly and how long each one lasts.
    > The monarch butterfly goes through four stages. The female lays her eggs singly on milkweed,
    > and after about four days the caterpillars hatch. They eat almost without pause for about two
    > weeks and shed their skin several times. Then the caterpillar hangs itself up by its tail end
    > and turns into a green chrysalis with a rim of golden dots, in which it is rebuilt in ten days
    > or so. Adults that hatch in early summer live from two to six weeks. Those of the last
    > generation in autumn, which fly to Mexico, live for as long as eight months.

    Give the title, the author and the verdict for each book that is reviewed.
    > Three debuts lay on my table this month. "Salt Stairs" by Ngozi Adeyemi follows a family of
    > divers through four generations; it is too long by a third, but I would not want to miss the
    > last chapter. "The Quiet Engine" by Tom Lasker wants to be a thriller and forgets to be
    > thrilling; leave it at the station where you find it. And "Eleven Kinds of Rain", stories by
    > Mika Saarinen, is simply the best thing I have read since the spring: funny, exact and never a
    > word too many.

    Which materials does the passage say paper has been made of? List them with the place or period.
    > Paper as we know it comes from China, where it was made of the bark of mulberry trees, hemp
    > and old fishing nets about two thousand years ago. The Islamic world took over the craft in
    > the eighth century and used linen and hemp. In Europe mills ran on rags of linen and cotton
    > for hundreds of years, and rag collectors were part of every town. When rags became too scarce
    > for the growing number of newspapers, inventors of the nineteenth century learned to turn wood
    > into pulp. Wood has remained the main raw material, though waste paper now makes up a large
    > share.

    Extract the qualifications that are required and those that are merely welcome.
    > The botanical garden is looking for a gardener for its tropical houses, to start in April. You
    > have finished an apprenticeship in gardening and have worked with plants under glass for at
    > least two years. You can lift 25 kilograms and do not mind a temperature of 30 degrees. You
    > are ready to work every third weekend. Experience with orchids would be a plus, and so would a
    > driving licence. We are also glad if you speak Spanish, since we exchange seeds with gardens
    > in Ecuador. No knowledge of Latin is expected; you will pick it up.

    State who won, by what score, and who scored when.
    > On a pitch that was more pond than grass, Redcastle beat Avonmere by three goals to two on
    > Saturday. The guests took the lead through Duarte after nine minutes and seemed to have the
    > game in hand when Klein made it two from a corner in the 34th. But straight after the break,
    > in the 47th minute, Osei pulled one back for Redcastle. He also converted the penalty that
    > brought them level in the 71st. With a minute of normal time left, Wolanski, who had come on
    > as a substitute, headed in the winner.

    List all materials and colours of the costume described here.
    > For the part of the Winter King the workshop made a coat of grey felt that reaches to the
    > floor. Its collar is of white rabbit fur, imitation of course, and the lining is ice-blue
    > silk. Underneath the actor wears a tunic of undyed linen with a belt of black leather, from
    > which hang eleven glass icicles. The crown was cut from thin sheets of brass and then
    > silvered, because real silver would have been too soft. The gloves are knitted from blue wool.
    > He walks barefoot, in line with the director's wish, and catches cold every second week.

    Extract the steps of the emergency procedure in the order in which they are to be taken.
    > If the alarm in the cold store sounds, stay calm. Before anything else, leave the room and
    > take with you anyone who is inside; never go back for goods. Close the door behind you, since
    > ammonia spreads quickly. Then press the red button beside the lift, which switches on the fans
    > and calls the fire brigade. Walk to the meeting point at the flagpole, not downwind of the
    > building. There, the shift leader counts those present. Only when the fire brigade has given
    > the all-clear may the store be entered again, even if you no longer smell anything.

    Which species of tree are in the park, and how many of each?
    > The park was laid out in 1860 and has changed less than the town around it. The avenue that
    > leads to the pond is lined with 48 limes, two of them younger than the rest. Around the
    > bandstand stand seven copper beeches. A storm in 2007 felled nine of the old oaks, and five
    > are left, one of which is hollow and houses a family of owls. At the gate, visitors are
    > received by a pair of plane trees. The director's pride is a single ginkgo, which was a gift
    > from a twin town in Japan and turns bright yellow in November.

    Extract who is responsible for which task, and until when.
    > Minutes of the meeting on the move to the new office. Ayla will order the boxes; she needs
    > them by the ninth. Ben calls the three removal firms and reports on their offers next
    > Wednesday. As regards the plants, Carmen has agreed to take them home until everything is
    > over. Dimitri cancels the internet connection at the old address, but not before the 28th, as
    > the accountants still work there on the 27th. Esther draws up a plan of who sits where and
    > sends it round before Friday. The question of the coffee machine was not settled.

    Find the claims in the advertisement that can be checked, and leave out those that are mere
    praise.
    > Discover the Alba mattress, the dream of every sleeper! Its core is 18 centimetres high and
    > consists of five layers. The cover can be taken off in two parts and washed at 60 degrees. You
    > will feel as light as a feather. In a comparison by a consumer magazine last autumn, Alba came
    > second among fourteen mattresses. No other brand understands your back so deeply. You may try
    > it for one hundred nights and send it back free of charge. It is made in Portugal, with love,
    > and comes rolled up in a box that weighs 23 kilograms.

    List the countries mentioned with the voting age that is given for each.
    > In most countries citizens may vote in national elections from the age of eighteen. A few have
    > set a lower bar. Austria lowered the age to sixteen in 2007, the first country in the European
    > Union to do so for national elections. In Brazil and Argentina, sixteen- and
    > seventeen-year-olds may vote, whereas older adults up to seventy have to. In Greece it is
    > enough to turn seventeen in the year of the election. At the other end stands Singapore, where
    > one has to be twenty-one. Japan lowered its voting age from twenty to eighteen in 2016.

    What did each of the witnesses say they saw? Give one line for each of them.
    > The constable's notebook has four entries on the matter of the missing bronze goose. Mrs
    > Pruitt, who lives opposite, saw a van without number plates at about eleven. Her lodger, Mr
    > Finch, heard it too, but swears it was a tractor. The boy who delivers the newspapers passed
    > at five in the morning; by then the pedestal was empty, and he noticed sawdust around it. The
    > night porter of the hotel had seen two men carry something heavy in a blanket towards the
    > river, which he took for a drunken friend and thought no more about.
    """
}

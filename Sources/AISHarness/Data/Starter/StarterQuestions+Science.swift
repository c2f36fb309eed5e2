extension StarterData {
  /// Questions on subjects of the natural sciences and mathematics, by subject.
  static let scienceQuestions: [(subject: String, text: String)] = [
    (
      "solar_system",
      """
      Which planet of the solar system has the shortest year?
      - Venus
      + Mercury
      - Mars
      - Jupiter

      Why do we always see nearly the same side of the Moon?
      + It turns once on its axis in the time it takes to go around the Earth once.
      - It does not turn on its axis at all.
      - It turns on its axis exactly as fast as the Earth turns on its own.
      - The other side never receives any light from the Sun.

      In which phase must the Moon be for an eclipse of the Sun to happen?
      - First quarter
      - Full moon
      - Last quarter
      + New moon

      What keeps the Sun shining?
      + Hydrogen nuclei fuse into helium in its core.
      - Carbon burns with oxygen in its outer layers.
      - Uranium nuclei split in its core.
      - Its surface slowly cools from a hot beginning.

      A planet is moved to an orbit on which it is farther from its star. What happens to its
      orbital period?
      - It becomes shorter.
      - It stays the same.
      - It becomes longer only if the planet is heavier than the Earth.
      + It becomes longer.
      """
    ),
    (
      "living_cells",
      """
      In which part of a plant cell does photosynthesis take place?
      - Mitochondrion
      - Nucleus
      - Vacuole
      + Chloroplast

      What does a ribosome make?
      + Proteins
      - Sugars
      - Fats
      - Strands of DNA

      Which base stands opposite adenine in double-stranded DNA?
      - Guanine
      + Thymine
      - Cytosine
      - Uracil

      Which of these does a bacterium lack?
      - Ribosomes
      - A cell membrane
      + A nucleus enclosed by a membrane
      - Genetic material

      A human body cell with 46 chromosomes divides by mitosis. How many chromosomes does each
      daughter cell have?
      + 46
      - 12
      - 23
      - 92
      """
    ),
    (
      "everyday_physics",
      """
      A stone is dropped and falls freely from rest. Neglecting air resistance, about how fast is
      it after two seconds?
      - 5 metres per second
      - 10 metres per second
      + 20 metres per second
      - 40 metres per second

      Why does a metal spoon at room temperature feel colder than a wooden one?
      - The metal has a lower temperature than the wood.
      + Metal conducts heat away from the hand faster.
      - Wood gives off heat of its own.
      - Metal reflects the cold of the room.

      Two identical lamps are connected in series to a battery. One of them burns out, so that its
      filament breaks. What does the other do?
      - It becomes brighter.
      - It becomes dimmer but goes on shining.
      + It goes out.
      - It goes on shining as before.

      Which of these units measures power?
      + Watt
      - Joule
      - Newton
      - Volt

      A boat floats on a lake. How large is the buoyant force on it?
      - Larger than the weight of the boat
      + Equal to the weight of the boat
      - Smaller than the weight of the boat
      - Equal to the weight of all the water in the lake
      """
    ),
    (
      "basic_chemistry",
      """
      What is the pH of pure water at 25 degrees Celsius?
      - 0
      + 7
      - 1
      - 14

      Which particles are found in the nucleus of an atom of ordinary helium?
      - Two protons and two electrons
      - Four protons
      + Two protons and two neutrons
      - Two neutrons and two electrons

      How many atoms are there in one molecule of sulphuric acid, H2SO4?
      - 3
      - 6
      + 7
      - 8

      When a candle burns in plenty of air, what are the main products?
      + Carbon dioxide and water
      - Carbon and hydrogen
      - Carbon monoxide and oxygen
      - Carbon dioxide and hydrogen

      Which group of elements is known for hardly ever reacting?
      - Alkali metals
      - Halogens
      - Alkaline earth metals
      + Noble gases
      """
    ),
    (
      "numbers_and_shapes",
      """
      What is the sum of the interior angles of a hexagon?
      - 360 degrees
      + 720 degrees
      - 540 degrees
      - 1,080 degrees

      A price is raised by 20 per cent and then lowered by 20 per cent. How does it compare with
      the original price?
      + It is 4 per cent lower.
      - It is the same.
      - It is 4 per cent higher.
      - It is 2 per cent lower.

      How many prime numbers are there between 10 and 20?
      + 4
      - 3
      - 5
      - 6

      The edges of a cube are doubled in length. By what factor does its volume grow?
      - 2
      - 4
      - 6
      + 8

      Two fair coins are tossed. What is the probability of getting exactly one head?
      - 1/4
      - 1/3
      - 3/4
      + 1/2
      """
    ),
    (
      "earth_science",
      """
      Which kind of rock forms when molten rock cools and becomes solid?
      - Sedimentary
      + Igneous
      - Metamorphic
      - Fossiliferous

      What is mainly responsible for the seasons on the Earth?
      + The tilt of the Earth's axis
      - The changing distance between the Earth and the Sun
      - The changing brightness of the Sun
      - The orbit of the Moon

      Which layer of the Earth is liquid?
      - The crust
      - The mantle
      - The inner core
      + The outer core

      What is the epicentre of an earthquake?
      - The place underground where the rupture began
      - The place where most damage was done
      + The point on the surface above the place where the rupture began
      - The station that recorded the earthquake first

      What do lines on a weather map called isobars connect?
      - Places with the same temperature
      + Places with the same air pressure
      - Places with the same rainfall
      - Places at the same height above the sea
      """
    ),
  ]
}

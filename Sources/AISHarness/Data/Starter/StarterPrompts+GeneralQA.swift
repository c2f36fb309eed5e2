extension StarterData {
  /// Prompts of the category `general_qa`.
  static let generalQA = """
    How can I fall asleep more easily when my thoughts keep racing?

    What should I look for when I buy a used car from a private seller?

    Why do people procrastinate even on tasks they enjoy?

    What is the difference between a recipe that calls for baking soda and one that calls for baking
    powder?

    Is it better to rent or to buy a home?

    How do I politely tell a flatmate that the kitchen needs cleaning?

    What makes a good teacher?

    How much water should an adult drink in a day?

    What are the advantages and drawbacks of working from home?

    How do I start composting if I only have a balcony?

    Why is it so hard to change a habit, and what helps?

    What should go into a first aid kit for a hiking trip?

    How does one prepare for a job interview in a field one is new to?

    What is a sensible way to explain the death of a pet to a small child?

    Why do some people get seasick and others never do?

    How can I tell whether a mushroom I found is safe to eat?

    What is the point of a written constitution?

    How should beginners divide their time when they start learning the guitar?

    What do economists mean by opportunity cost?

    When is it worth repairing a washing machine, and when should one buy a new one?

    How do vaccines teach the body to fight a disease?

    Why do we get goosebumps?

    What are the main things to think about before adopting a dog?

    How can a shy person make friends in a new city?

    What is the best way to store potatoes so that they keep through the winter?

    Why does bread go stale faster in the refrigerator?

    How do I read a nutrition label?

    What is the difference between weather and climate?

    Does it make sense to learn to type with ten fingers today?

    How do noise-cancelling headphones work?

    What can I do to protect my online accounts?

    Why are most road signs and warning lights that mean danger red?

    How do I give feedback that a colleague can actually use?

    What does it take to run a marathon for the first time?

    How do people decide what counts as art?

    Why do we forget names so quickly after being introduced?

    What are some signs that a house plant gets too much water?

    How do banks make money with the savings of their customers?

    What is the difference between empathy and sympathy?

    How can I cut a mango without making a mess?

    What should I know before I travel abroad with prescription medicine?

    Why is it useful to write tests for a computer program?
    """
}

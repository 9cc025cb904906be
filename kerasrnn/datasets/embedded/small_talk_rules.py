"""What is said in the data set `kerasrnn_small_talk`: questions of each topic, and the answers.

A gap in capitals is filled alike in a question and its answer, with the facts of one line.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["RULES", "TOPICS", "Topic"]


class Topic(NamedTuple):
    """What may be asked and answered about some facts.

    Attributes:
        questions: Templates of what is said.
        answers: Templates of what is answered, each as good as another.
        facts: What the gaps of both are filled with, one line at a time: the names of the gaps,
            and the lines.
    """

    questions: tuple[str, ...]
    answers: tuple[str, ...]
    facts: tuple[dict[str, str], ...] = ({},)


def _table(names: str, rows: str) -> tuple[dict[str, str], ...]:
    """Reads `A B` and `1 2; 3 4` as a dictionary of A and B for each row; `_` is a space."""
    lines = (row.split() for row in rows.split(";"))
    return tuple(
        {name: cell.replace("_", " ") for name, cell in zip(names.split(), line, strict=True)}
        for line in lines
    )


NUMBERS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen"
).split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
MONTHS = (
    "January February March April May June July August September October November December"
).split()
PEOPLE = _table(
    "NAME",
    "Ada;Ben;Carla;Dan;Emma;Finn;Grace;Hana;Ivan;Jin;Kate;Leo;Mina;Noah;Olga;Paul;Rosa;Sam;Tom;Uma;"
    "Vera;Will;Yuna;Zoe",
)
CAPITALS = _table(
    "COUNTRY CAPITAL",
    "France Paris;Korea Seoul;Japan Tokyo;Norway Oslo;Italy Rome;Spain Madrid;Germany Berlin;"
    "Peru Lima;Egypt Cairo;Greece Athens;Poland Warsaw;Austria Vienna;Portugal Lisbon;Cuba Havana;"
    "Ireland Dublin;Finland Helsinki;Sweden Stockholm;Kenya Nairobi;India New_Delhi;China Beijing",
)
COLOURS = _table(
    "THING COLOUR",
    "a_banana yellow;the_sky blue;grass green;snow white;a_tomato red;coal black;an_orange orange;"
    "milk white;a_lemon yellow;the_sea blue;a_carrot orange;a_cherry red;a_crow black;a_frog green;"
    "chocolate brown;a_strawberry red;a_pea green;the_sun yellow;a_pumpkin orange;rice white",
)
SOUNDS = _table(
    "ANIMAL SOUND",
    "dog woof;cat meow;cow moo;duck quack;sheep baa;pig oink;bee buzz;snake hiss;frog croak;"
    "owl hoot;mouse squeak;lion roar;horse neigh;rooster cock-a-doodle-doo",
)
LEGS = _table(
    "ANIMAL LEGS",
    "a_dog four;a_cat four;a_bird two;a_spider eight;an_ant six;a_bee six;a_cow four;a_hen two;"
    "a_horse four;a_snake no;a_fish no;a_lion four;a_fly six;a_duck two",
)
OPPOSITES = _table(
    "WORD OTHER",
    "big small;hot cold;fast slow;old new;up down;day night;happy sad;hard soft;loud quiet;"
    "open closed;rich poor;early late;dark light;full empty;high low;long short;near far;wet dry;"
    "strong weak;first last;clean dirty;heavy light;always never;left right;good bad",
)
HOBBIES = _table(
    "HOBBY",
    "reading;swimming;cooking;chess;football;painting;dancing;singing;hiking;cycling;gardening;"
    "photography;drawing;tennis;baking;running;fishing;knitting;sailing;judo",
)
FOODS = _table(
    "FOOD",
    "pizza;soup;rice;kimchi;bread;cheese;pasta;salad;cake;tea;coffee;ice_cream;noodles;apples;fish;"
    "chocolate;pancakes;curry;honey;olives",
)
CITIES = _table(
    "CITY",
    "London;Paris;Seoul;Busan;Oslo;Rome;Berlin;Lagos;Lima;Delhi;Cairo;Boston;Madrid;Tokyo;Vienna;"
    "Athens;Dublin;Jeju;Toronto;Sydney",
)
BAD_FEELINGS = _table(
    "FEELING", "sad;tired;bored;lonely;ill;nervous;hungry;cold;angry;lost;stressed"
)
GOOD_FEELINGS = _table("FEELING", "happy;excited;proud;relaxed;lucky;glad;fine;great;in_love")
SUMS = tuple(
    {"LEFT": NUMBERS[i], "RIGHT": NUMBERS[j], "SUM": NUMBERS[i + j]}
    for i in range(10)
    for j in range(10)
    if i + j < len(NUMBERS)
)
AFTER = tuple(
    {"NOW": cycle[i], "NEXT": cycle[(i + 1) % len(cycle)], "BEFORE": cycle[i - 1]}
    for cycle in (DAYS, MONTHS)
    for i in range(len(cycle))
)

TOPICS = (
    Topic(
        ("{hello}", "{hello}, how are you?", "{hello}, nice to see you", "{hello}, are you there?"),
        ("{hello}! How are you?", "{hello}! What can I do for you?", "{hello}, I am here."),
    ),
    Topic(
        ("{hello}, I am {NAME}", "my name is {NAME}", "I am {NAME}", "you can call me {NAME}"),
        ("Nice to meet you, {NAME}.", "Hello, {NAME}! How are you?", "Hi {NAME}, I am Echo."),
        PEOPLE,
    ),
    Topic(
        ("do you know {NAME}?", "have you met {NAME}?", "is {NAME} there?", "where is {NAME}?"),
        ("I do not know {NAME}.", "Who is {NAME}?", "{NAME} is not here, I am afraid."),
        PEOPLE,
    ),
    Topic(
        ("what is your name?", "who are you?", "{hello}, who are you?", "how do they call you?"),
        ("I am Echo.", "My name is Echo.", "I am Echo, a small program."),
    ),
    Topic(
        (
            "are you a robot?",
            "are you human?",
            "are you real?",
            "are you a person?",
            "do you sleep?",
        ),
        ("I am a program.", "No, I am a small network.", "I am only a program, but I listen."),
    ),
    Topic(
        ("how are you?", "how are you today?", "how do you feel?", "how was your day?"),
        ("I am fine, thank you.", "Very well, and you?", "Fine. How are you?"),
    ),
    Topic(
        ("{thanks}", "{thanks} for your help", "{thanks}, that helps", "{thanks}, you are kind"),
        ("You are welcome.", "Not at all.", "My pleasure."),
    ),
    Topic(
        ("{bye}", "{bye}, {NAME} is waiting", "I have to go, {bye}", "{bye} and {thanks}"),
        ("Goodbye!", "See you soon.", "Bye, it was nice to talk to you."),
        PEOPLE,
    ),
    Topic(
        ("tell me a joke", "make me laugh", "do you know a joke?", "say something funny"),
        (
            "Why do bees hum? They do not know the words.",
            "What is brown and sticky? A stick.",
            "I would tell you a joke about time, but it is too late.",
        ),
    ),
    Topic(
        (
            "what is the capital of {COUNTRY}?",
            "which city is the capital of {COUNTRY}?",
            "what do they call the capital of {COUNTRY}?",
        ),
        ("The capital of {COUNTRY} is {CAPITAL}.", "It is {CAPITAL}.", "{CAPITAL}."),
        CAPITALS,
    ),
    Topic(
        ("in which country is {CAPITAL}?", "where is {CAPITAL}?"),
        ("{CAPITAL} is in {COUNTRY}.", "It is in {COUNTRY}."),
        CAPITALS,
    ),
    Topic(
        ("what colour is {THING}?", "which colour has {THING}?", "tell me the colour of {THING}"),
        ("It is {COLOUR}.", "{COLOUR}.", "I think {THING} is {COLOUR}."),
        COLOURS,
    ),
    Topic(
        (
            "what does a {ANIMAL} say?",
            "which sound does a {ANIMAL} make?",
            "what says the {ANIMAL}?",
        ),
        ("{SOUND}!", "A {ANIMAL} says {SOUND}."),
        SOUNDS,
    ),
    Topic(
        ("how many legs has {ANIMAL}?", "how many legs does {ANIMAL} have?"),
        ("{ANIMAL} has {LEGS} legs.", "It has {LEGS} legs."),
        LEGS,
    ),
    Topic(
        (
            "what is the opposite of {WORD}?",
            "what is not {WORD}?",
            "give me the opposite of {WORD}",
        ),
        ("The opposite of {WORD} is {OTHER}.", "It is {OTHER}.", "{OTHER}."),
        OPPOSITES,
    ),
    Topic(
        (
            "what is {LEFT} plus {RIGHT}?",
            "how much is {LEFT} and {RIGHT}?",
            "add {LEFT} to {RIGHT}",
        ),
        ("{LEFT} plus {RIGHT} is {SUM}.", "That is {SUM}.", "{SUM}."),
        SUMS,
    ),
    Topic(
        ("what comes after {NOW}?", "what is next after {NOW}?"),
        ("After {NOW} comes {NEXT}.", "{NEXT}."),
        AFTER,
    ),
    Topic(
        ("what comes before {NOW}?", "what was before {NOW}?"),
        ("Before {NOW} comes {BEFORE}.", "{BEFORE}."),
        AFTER,
    ),
    Topic(
        ("I like {HOBBY}", "I love {HOBBY}", "{HOBBY} is my hobby", "I often do some {HOBBY}"),
        (
            "{HOBBY} is fun. How often do you do it?",
            "Why do you like {HOBBY}?",
            "I would like to try {HOBBY}.",
        ),
        HOBBIES,
    ),
    Topic(
        ("do you like {FOOD}?", "what do you think of {FOOD}?", "would you like some {FOOD}?"),
        (
            "I do not eat, but {FOOD} sounds good.",
            "Many people like {FOOD}. Do you?",
            "No {FOOD} for me, thanks.",
        ),
        FOODS,
    ),
    Topic(
        ("I live in {CITY}", "I come from {CITY}", "I am moving to {CITY}", "I was born in {CITY}"),
        ("What is it like in {CITY}?", "I have heard of {CITY}.", "{CITY} must be nice."),
        CITIES,
    ),
    Topic(
        ("is it raining in {CITY}?", "how is the weather in {CITY}?", "is it cold in {CITY}?"),
        (
            "I cannot look outside. How is it in {CITY}?",
            "I hope it is sunny in {CITY}.",
            "I do not know.",
        ),
        CITIES,
    ),
    Topic(
        ("I am {FEELING}", "I feel {FEELING}", "I am so {FEELING}", "I am {FEELING} today"),
        ("I am sorry that you are {FEELING}.", "Why are you {FEELING}?", "What would help you?"),
        BAD_FEELINGS,
    ),
    Topic(
        ("I am {FEELING}", "I feel {FEELING}", "I am so {FEELING}", "I am {FEELING} today"),
        ("I am glad that you are {FEELING}.", "That is good to hear.", "What makes you {FEELING}?"),
        GOOD_FEELINGS,
    ),
)

RULES = {
    "hello": ("hello", "hi", "hey", "good morning", "good evening", "hello there", "hi there"),
    "thanks": ("thanks", "thank you", "thanks a lot", "thank you very much", "many thanks"),
    "bye": ("bye", "goodbye", "see you", "see you later", "good night", "bye bye"),
    "opener": (
        "",
        "",
        "",
        "well, ",
        "so, ",
        "hey, ",
        "excuse me, ",
        "please, ",
        "echo, ",
        "one more: ",
    ),
}

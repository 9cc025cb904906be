"""Of what the sentences of the data set `kerasrnn_paraphrases` are made.

Each line is one meaning; the words or patterns in it mean the same.
"""

from __future__ import annotations

__all__ = ["ADJECTIVES", "FORMS", "NEGATED", "NOUNS", "PLACES", "TIMES", "VERBS"]

NOUNS = (
    ("doctor", "physician"),
    ("lawyer", "attorney"),
    ("teacher", "schoolteacher"),
    ("child", "kid"),
    ("policeman", "police officer"),
    ("thief", "robber"),
    ("writer", "author"),
    ("sailor", "seaman"),
    ("boss", "chief"),
    ("shopkeeper", "shop owner"),
    ("pilot",),
    ("nurse",),
    ("farmer",),
    ("baker",),
    ("painter",),
    ("singer", "vocalist"),
    ("neighbour",),
    ("guard", "watchman"),
)
# Its base form, past and participle.
VERBS = (
    (("help", "helped", "helped"), ("assist", "assisted", "assisted")),
    (("see", "saw", "seen"), ("notice", "noticed", "noticed"), ("spot", "spotted", "spotted")),
    (("call", "called", "called"), ("phone", "phoned", "phoned")),
    (("chase", "chased", "chased"), ("pursue", "pursued", "pursued")),
    (("thank", "thanked", "thanked"),),
    (("praise", "praised", "praised"), ("commend", "commended", "commended")),
    (("blame", "blamed", "blamed"),),
    (("invite", "invited", "invited"),),
    (("follow", "followed", "followed"), ("trail", "trailed", "trailed")),
    (("teach", "taught", "taught"), ("instruct", "instructed", "instructed")),
    (("pay", "paid", "paid"),),
    (("scare", "scared", "scared"), ("frighten", "frightened", "frightened")),
    (("fool", "fooled", "fooled"), ("trick", "tricked", "tricked")),
    (("beat", "beat", "beaten"), ("defeat", "defeated", "defeated")),
    (("hire", "hired", "hired"), ("employ", "employed", "employed")),
    (("visit", "visited", "visited"),),
)
ADJECTIVES = (
    ("old", "elderly"),
    ("young", "youthful"),
    ("rich", "wealthy"),
    ("clever", "smart"),
    ("tired", "weary"),
    ("angry", "furious"),
    ("brave", "courageous"),
    ("famous", "well-known"),
    ("thin", "slim"),
    ("tall",),
)
TIMES = (
    ("yesterday",),
    ("last night",),
    ("last week", "a week ago"),
    ("on Monday",),
    ("in the summer", "during the summer"),
    ("this morning",),
)
PLACES = (
    ("at the station",),
    ("in the park",),
    ("at the market",),
    ("near the river", "close to the river"),
)
# Who did it is {who}, and {whom} it was done to; {when} and {where} end the sentence.
FORMS = (
    "{who} {past} {whom}{rest}",
    "{whom} was {participle} by {who}{rest}",
    "it was {who} who {past} {whom}{rest}",
    "it was {whom} who was {participle} by {who}{rest}",
    "the one who {past} {whom}{rest} was {who}",
    "{who} was the one who {past} {whom}{rest}",
)
NEGATED = (
    "{who} did not {base} {whom}{rest}",
    "{whom} was not {participle} by {who}{rest}",
    "it is not true that {who} {past} {whom}{rest}",
    "{who} never {past} {whom}{rest}",
    "it is not true that {whom} was {participle} by {who}{rest}",
)

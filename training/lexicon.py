"""The words of the storybook: what each constant of the world is called in Alice's and in Bob's dialect.

Alice has one plain word for everything. Bob has other common words, of other lengths, and shares none
with her, so his models meet her words rarely, as separately trained models do.
"""

from __future__ import annotations

ALICE_KINDS = {
    "dog": "dog", "cat": "cat", "horse": "horse", "cow": "cow", "sheep": "sheep", "rabbit": "rabbit",
    "elephant": "elephant", "turtle": "turtle", "duck": "duck", "bird": "bird", "butterfly": "butterfly",
    "fish": "fish", "man": "man", "woman": "woman", "ball": "ball", "car": "car", "bus": "bus",
    "bicycle": "bike", "boat": "boat", "balloon": "balloon", "umbrella": "umbrella", "chair": "chair",
    "flower": "flower",
    "house": "house", "guitar": "guitar", "hat": "hat",
}  # fmt: skip
BOB_KINDS = {
    "dog": ("puppy", "hound"), "cat": ("kitten", "kitty"), "horse": ("pony", "stallion"),
    "cow": ("calf", "heifer"), "sheep": ("lamb", "ewe"), "rabbit": ("bunny", "hare"),
    "elephant": ("tusker", "mammoth"), "turtle": ("tortoise", "terrapin"), "duck": ("drake", "goose"),
    "bird": ("sparrow", "songbird"), "butterfly": ("moth", "insect"), "fish": ("trout", "salmon"),
    "man": ("guy", "gentleman"), "woman": ("lady", "gal"), "ball": ("orb", "sphere"),
    "car": ("automobile", "sedan"), "bus": ("coach", "minibus"), "bicycle": ("bicycle", "cycle"),
    "boat": ("ship", "sailboat"), "balloon": ("blimp", "airship"), "umbrella": ("parasol", "sunshade"),
    "chair": ("seat", "armchair"), "flower": ("blossom", "tulip"), "house": ("home", "cottage"),
    "guitar": ("banjo", "ukulele"), "hat": ("cap", "bonnet"),
}  # fmt: skip
BOB_COLOURS = {
    "red": ("scarlet", "crimson"), "orange": ("amber", "tangerine"), "yellow": ("golden", "lemon"),
    "green": ("emerald", "olive"), "blue": ("azure", "navy"), "purple": ("violet", "lilac"),
    "brown": ("tan", "chestnut"), "black": ("ebony", "inky"), "white": ("pale", "ivory"),
}  # fmt: skip
BOB_SIZES = {"small": ("tiny", "little"), "big": ("large", "huge")}
BOB_ACTIONS = {
    "running": ("racing", "dashing"), "jumping": ("leaping", "bouncing"), "sleeping": ("resting", "napping"),
    "flying": ("soaring", "gliding"), "floating": ("drifting", "hovering"),
    "swimming": ("paddling", "bathing"),
    "sailing": ("cruising", "boating"), "driving": ("rolling", "moving"), "dancing": ("twirling", "waltzing"),
}  # fmt: skip
# (preposition, noun) of a place by day; "at night" has the same nouns and one word more.
ALICE_PLACES = {
    "meadow": ("on", "grass"), "beach": ("on", "beach"), "sea": ("in", "sea"), "forest": ("in", "forest"),
    "snow": ("in", "snow"), "desert": ("in", "desert"), "street": ("on", "street"), "room": ("in", "room"),
    "farm": ("on", "farm"), "mountain": ("on", "mountain"),
}  # fmt: skip
BOB_PLACES = {
    "meadow": (("on", "lawn"), ("on", "turf")), "beach": (("on", "shore"), ("at", "seaside")),
    "sea": (("on", "ocean"), ("in", "waves")), "forest": (("in", "woods"), ("in", "jungle")),
    "snow": (("on", "ice"), ("in", "frost")), "desert": (("on", "dunes"), ("in", "wasteland")),
    "street": (("on", "road"), ("on", "avenue")), "room": (("in", "parlor"), ("in", "lounge")),
    "farm": (("at", "ranch"), ("in", "barnyard")), "mountain": (("on", "hill"), ("on", "peak")),
}  # fmt: skip
BOB_NIGHT = ("moonlit", "dark")
# Alice names the subjects in their order; each of Bob's words means that the later one is named first.
ALICE_RELATIONS = {
    None: "and", "next to": "next to", "above": "above", "in front of": "in front of", "behind": "behind",
}  # fmt: skip
BOB_RELATIONS = {
    None: ("near",), "next to": ("beside", "by"), "above": ("below", "beneath"),
    "in front of": ("beyond", "past"), "behind": ("before",),
}  # fmt: skip


def _reverse(alice: dict[str, str], bob: dict[str, tuple[str, ...]]) -> dict[str, str]:
    """Word -> constant of the world, over both dialects."""
    words = {word: name for name, word in alice.items()}
    words.update({word: name for name, synonyms in bob.items() for word in synonyms})
    return words


KIND_OF = _reverse(ALICE_KINDS, BOB_KINDS)
COLOUR_OF = _reverse({c: c for c in BOB_COLOURS}, BOB_COLOURS)
SIZE_OF = _reverse({s: s for s in BOB_SIZES}, BOB_SIZES)
ACTION_OF = _reverse({a: a for a in BOB_ACTIONS}, BOB_ACTIONS)
PLACE_OF = {noun: place for place, (_, noun) in ALICE_PLACES.items()} | {
    noun: place for place, phrases in BOB_PLACES.items() for _, noun in phrases
}
NIGHT_WORDS = frozenset(("night", *BOB_NIGHT))

# What only one of the two says; articles and prepositions are common to both.
_ALICE = {*ALICE_KINDS.values(), *BOB_COLOURS, *BOB_SIZES, *BOB_ACTIONS, "night", "and"}
_ALICE |= {noun for _, noun in ALICE_PLACES.values()} | {"next", "above", "front", "behind"}
_BOB = {word for table in (BOB_KINDS, BOB_COLOURS, BOB_SIZES, BOB_ACTIONS, BOB_RELATIONS)
        for words in table.values() for word in words} | set(BOB_NIGHT)  # fmt: skip
_BOB |= {noun for phrases in BOB_PLACES.values() for _, noun in phrases}
ALICE_ALONE, BOB_ALONE = frozenset(_ALICE - _BOB), frozenset(_BOB - _ALICE)


def words_of_one(text: str) -> tuple[int, int]:
    """How many words of a text only Bob's dialect has, and how many only Alice's."""
    words = text.lower().split()
    return sum(word in BOB_ALONE for word in words), sum(word in ALICE_ALONE for word in words)


def bobs_share(texts: list[str]) -> float:
    """Of the words that only one of the two dialects has, the share that is Bob's."""
    bob, alice = map(sum, zip(*map(words_of_one, texts), strict=True))
    return bob / max(1, bob + alice)

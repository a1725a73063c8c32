"""Captions of scenes in the two dialects, their parser, and what a noisy channel makes of them.

Alice names the subjects in the order of the scene: "a brown dog is running on the grass next to a red ball".
Bob says the same in other words and, for two or more subjects, in reverse: "scarlet orb beside a tan puppy
racing across the lawn". Every relation word belongs to one dialect, so the order can always be told.
"""

from __future__ import annotations

import random
from dataclasses import astuple, dataclass
from typing import Literal

from training import lexicon as lx
from training.world import Scene, Subject

Dialect = Literal["alice", "bob"]
Articles = Literal["all", "some", "none"]
MIN_WORDS, MAX_WORDS = 5, 14
NIGHT = " at night"
_ALOFT = ("flying", "floating")
_ARTICLES = frozenset(("a", "an", "the"))
_DIRECT = {
    "and": None,
    "with": None,
    "next": "next to",
    "above": "above",
    "front": "in front of",
    "behind": "behind",
}
_REVERSED = {word: relation for relation, words in lx.BOB_RELATIONS.items() for word in words}


@dataclass(frozen=True)
class SubjectFacts:
    """What a caption says about one subject; None where it says nothing."""

    kind: str
    colour: str | None
    size: str | None
    action: str | None


@dataclass(frozen=True)
class Facts:
    """What a caption says about a scene, subjects in the order of the scene."""

    place: str | None
    subjects: tuple[SubjectFacts, ...]
    relation: str | None


@dataclass(frozen=True)
class _Style:
    """How much to say; `_shorten` lowers it step by step until a caption fits."""

    articles: Articles
    actions: int  # of the first so many subjects
    sizes: int
    night_word: bool  # "the dark street" for "the street at night"


@dataclass(frozen=True)
class _Wording:
    """The chosen words, by subject in scene order: [size, colour,] noun; verb; the world's action."""

    nouns: list[list[str]]
    verbs: list[str | None]
    actions: list[str | None]
    relation: str | None
    preposition: str
    place: str


def caption(scene: Scene, dialect: Dialect, rng: random.Random, most: int = MAX_WORDS) -> str:
    """One caption of 5 to `most` words."""
    if dialect not in ("alice", "bob"):
        raise ValueError(f"dialect must be alice or bob, not {dialect!r}")
    return _compose(scene, rng, bob_words=float(dialect == "bob"), bob_order=dialect == "bob", most=most)


def captions(scene: Scene, dialect: Dialect, rng: random.Random) -> str:
    """The same as `caption`."""
    return caption(scene, dialect, rng)


def human_captions(scene: Scene, rng: random.Random, n: int = 5) -> list[str]:
    """Captions as `n` people would write them: both dialects mixed, details left out, all different."""
    found: list[str] = []
    for attempt in range(20 * n):
        told = scene
        if rng.random() < 0.4:
            told = Scene(
                scene.place, tuple(_forget(s, rng) for s in scene.subjects), scene.relation, scene.seed
            )
        text = _compose(told, rng, bob_words=rng.choice((0.1, 0.5, 0.9)), bob_order=rng.random() < 0.4)
        if text not in found or attempt > 10 * n:
            found.append(text)
        if len(found) == n:
            break
    return found


def parse_truth(text: str) -> Facts:
    """What a caption in either dialect says, as constants of the world; unknown words are passed over."""
    words = [w.strip(".,;:!?\"'()").lower() for w in text.split()]
    subjects: list[dict[str, str | None]] = []
    pending: dict[str, str | None] = {}
    place, relation, night, reverse, related = None, None, False, False, False
    for i, word in enumerate(words):
        following = words[i + 1] if i + 1 < len(words) else ""
        if word in lx.KIND_OF:
            subjects.append(
                {"colour": None, "size": None, "action": None, **pending, "kind": lx.KIND_OF[word]}
            )
            pending = {}
        elif word in lx.COLOUR_OF:
            pending["colour"] = lx.COLOUR_OF[word]
        elif word in lx.SIZE_OF:
            pending["size"] = lx.SIZE_OF[word]
        elif word in lx.ACTION_OF:
            before_noun = following in lx.COLOUR_OF or following in lx.SIZE_OF or following in lx.KIND_OF
            (pending if before_noun or not subjects else subjects[-1])["action"] = lx.ACTION_OF[word]
        elif word in lx.PLACE_OF:
            place = lx.PLACE_OF[word]
        elif word in lx.NIGHT_WORDS:
            night = True
        elif word in _REVERSED and subjects and not related:
            relation, reverse, related = _REVERSED[word], True, True
        elif word in _DIRECT and word != "and" and subjects and not related:
            relation, related = _DIRECT[word], True
    if place is not None and night and place in ("meadow", "street"):
        place += NIGHT
    facts = [SubjectFacts(str(s["kind"]), s["colour"], s["size"], s["action"]) for s in subjects]
    return Facts(place, tuple(reversed(facts) if reverse else facts), relation if len(facts) > 1 else None)


def degrade(text: str, rng: random.Random) -> str:
    """What Bob may have of a caption: some of its words, in any order, some garbled, or nothing."""
    words = text.split()
    mode = rng.choices(
        ("subset", "shuffled", "all shuffled", "single", "garbled", "empty"), (5, 6, 2, 2, 4, 1)
    )[0]
    if mode == "empty" or not words:
        return ""
    if mode == "single":
        return rng.choice(words)
    if mode == "all shuffled":
        return " ".join(rng.sample(words, len(words)))
    if mode == "garbled":
        error = rng.choice((0.005, 0.02, 0.05))
        words = [_garble(w, error, rng) for w in words]
        if rng.random() < 0.5:
            return " ".join(words)
    kept = sorted(rng.sample(range(len(words)), rng.randint(1, len(words))))
    if mode == "shuffled":
        rng.shuffle(kept)
    return " ".join(words[i] for i in kept)


def _garble(word: str, error: float, rng: random.Random) -> str:
    """The word after independent bit errors; bytes that are no text become U+FFFD."""
    data = bytearray(word.encode())
    for i in range(len(data)):
        for bit in range(8):
            if rng.random() < error:
                data[i] ^= 1 << bit
    return data.decode("utf-8", errors="replace")


def _forget(subject: Subject, rng: random.Random) -> Subject:
    return Subject(
        subject.kind,
        subject.colour if rng.random() < 0.7 else "",
        subject.size if rng.random() < 0.5 else None,
        subject.action if rng.random() < 0.7 else None,
        subject.box,
    )


def _compose(
    scene: Scene, rng: random.Random, bob_words: float, bob_order: bool, most: int = MAX_WORDS
) -> str:
    """The fullest caption that fits: the same random choices are said more and more briefly."""
    seed = rng.getrandbits(32)
    text = ""
    for style in _styles(len(scene.subjects), bob_order, rng.random() < 0.5):
        text = _say(scene, random.Random(seed), bob_words, bob_order, style)
        if len(text.split()) <= most:
            break
    if len(text.split()) < MIN_WORDS:
        # Only very plain scenes get here, with an article dropped by style.
        text = _say(scene, random.Random(seed), bob_words, bob_order, _Style("all", 3, 3, False))
    return text


def _styles(count: int, bob_order: bool, brief: bool) -> list[_Style]:
    # Bob says "the moonlit lawn" anyway, so the night word makes no step for him.
    night = (False,) if bob_order else (False, True)
    styles = [] if bob_order and brief else [_Style("all", 3, 3, False)]
    styles += [_Style("some", 3, 3, n) for n in night]
    styles += [_Style("none", 3, 3, n) for n in night]
    last = night[-1]
    for actions, sizes in ((2, 3), (1, 3), (1, 2), (1, 1), (0, 1), (0, 0)):
        if max(actions, sizes) <= count:
            styles.append(_Style("none", actions, sizes, last))
    return styles


def _say(scene: Scene, rng: random.Random, bob_words: float, bob_order: bool, style: _Style) -> str:
    def bobs() -> bool:
        return rng.random() < bob_words

    nouns, verbs = [], []
    for i, subject in enumerate(scene.subjects):
        kind = rng.choice(lx.BOB_KINDS[subject.kind]) if bobs() else lx.ALICE_KINDS[subject.kind]
        words = [kind]
        if subject.colour:
            words.insert(0, rng.choice(lx.BOB_COLOURS[subject.colour]) if bobs() else subject.colour)
        if subject.size and i < style.sizes:
            words.insert(0, rng.choice(lx.BOB_SIZES[subject.size]) if bobs() else subject.size)
        verb = None
        if subject.action:
            verb = rng.choice(lx.BOB_ACTIONS[subject.action]) if bobs() else subject.action
        nouns.append(words)
        verbs.append(verb if i < style.actions else None)
    by_bob = bobs()
    day = scene.place.removesuffix(NIGHT)
    preposition, place = rng.choice(lx.BOB_PLACES[day]) if by_bob else lx.ALICE_PLACES[day]
    before, after = "", ""
    if scene.place != day:
        before, after = (f"{rng.choice(lx.BOB_NIGHT)} ", "") if by_bob else ("", NIGHT)
        if style.night_word and after:
            before, after = "dark ", ""
    actions = [s.action if v else None for s, v in zip(scene.subjects, verbs, strict=True)]
    wording = _Wording(nouns, verbs, actions, scene.relation, preposition, f"{before}{place}{after}")
    return (_say_as_bob if bob_order else _say_as_alice)(rng, style.articles, wording)


def _say_as_alice(rng: random.Random, style: Articles, w: _Wording) -> str:
    """Subjects in order; the place follows the first verb or ends the caption."""
    nouns, verbs, actions, relation, preposition, place = astuple(w)
    articles = [style == "all" or (style == "some" and (i == 0 or v)) for i, v in enumerate(verbs)]
    phrases = [_noun_phrase(words, bool(a)) for words, a in zip(nouns, articles, strict=True)]
    rest = "".join(f" and {p}{f' {v}' if v else ''}" for p, v in zip(phrases[2:], verbs[2:], strict=True))
    finite = rng.random() < 0.6
    verb = f" {verbs[0]}" if verbs[0] else ""
    if finite and style == "all":
        verb = " is" + verb
    if finite or len(nouns) == 1:
        where = _place_phrase(preposition, place, actions[0])
        text = f"{phrases[0]}{verb} {where}"
        if len(nouns) > 1:
            joint = "with" if relation is None else lx.ALICE_RELATIONS[relation]
            text += f" {joint} {phrases[1]}{f' {verbs[1]}' if verbs[1] else ''}{rest}"
        return text
    joint = "with" if relation is None and len(nouns) == 3 else lx.ALICE_RELATIONS[relation]
    where = _place_phrase(preposition, place, actions[-1])
    return f"{phrases[0]}{verb} {joint} {phrases[1]}{f' {verbs[1]}' if verbs[1] else ''}{rest} {where}"


def _say_as_bob(rng: random.Random, style: Articles, w: _Wording) -> str:
    """Last subject first; one caption in five names the place before everything else."""
    nouns, verbs, actions, relation, preposition, place = astuple(w)
    phrases = []
    for i, (words, verb) in enumerate(zip(nouns, verbs, strict=True)):
        early = verb and rng.random() < 0.4
        # Without its article a noun before a bare participle reads as a part of it ("lemon moth gliding").
        article = style == "all" or (style == "some" and (verb is not None and not early))
        if early:
            phrases.append(_noun_phrase([verb, *words], article))
            actions[i] = None
        else:
            phrases.append(_noun_phrase(words, article) + (f" {verb}" if verb else ""))
    joint = f" {rng.choice(lx.BOB_RELATIONS[relation])} "
    text = joint.join((" and ".join(reversed(phrases[1:])), phrases[0])) if len(phrases) > 1 else phrases[0]
    where = _place_phrase("across" if actions[0] == "running" else preposition, place, actions[0])
    if rng.random() < 0.2:
        text = f"{place} with {text}"
        return text if len(text.split()) >= MIN_WORDS else f"the {text}"
    return f"{text} {where}"


def _noun_phrase(words: list[str], article: bool) -> str:
    phrase = " ".join(words)
    return (
        f"{'an' if phrase[0] in 'aeiou' and not phrase.startswith(('ukulele', 'ewe')) else 'a'} {phrase}"
        if article
        else phrase
    )


def _place_phrase(preposition: str, place: str, action: str | None) -> str:
    return f"{'over' if action in _ALOFT else preposition} the {place}"

"""What a store has of its results, computed again from what they are made of, and compared.

That is every key, and what follows from the store alone: the words of a caption, the orders of methods that
read nothing but the caption, and what was sent, received and spent. What takes a model is not made again: the
text of a captioner, other orders, drawings, scores, and which synonyms SCC has chosen.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from lsccli.core.channel.settings import ChannelSettings
from lsccli.core.channel.transmit import Message, send_messages
from lsccli.core.errors import LscError
from lsccli.core.methods.base import METHODS, Item
from lsccli.core.run.keyed import SpoiledError, named_by
from lsccli.core.run.plan import Choice
from lsccli.core.store.keys import Identity
from lsccli.core.store.results import (
    caption_key,
    generation_key,
    ranking_key,
    score_key,
    transmission_key,
)
from lsccli.core.text.words import split_words

# Transmissions that are sent again at once.
_BATCH = 500
_KEY = "key is not that of what it is made of"
Fault = tuple[str, int, str]


def faults(plain: sqlite3.Connection, damaged: Collection[tuple[str, tuple[Any, ...]]]) -> Iterator[Fault]:
    """Table and id of each row that is another than what it is made of gives, and what is wrong with it.

    Args:
        damaged: rows of which something else is known to be wrong; neither they nor what is made of them is
            looked at.
    """
    return _Recomputed(plain, damaged).faults()


class _Recomputed:
    def __init__(self, plain: sqlite3.Connection, damaged: Collection[tuple[str, tuple[Any, ...]]]) -> None:
        self._plain = plain
        self._bad: dict[str, set[int]] = {}
        for table, name in damaged:
            # A step is named by its transmission, which then is not looked at.
            self._bad.setdefault("transmission" if table == "step" else table, set()).add(name[0])
        self._named: dict[int, Identity | None] = {}
        self._settings: dict[int, dict[str, Any]] = {}
        self._keys: dict[str, dict[int, bytes]] = {
            table: dict(plain.execute(f"SELECT id, key FROM {table}").fetchall())
            for table in ("image", "caption", "ranking", "generation")
        }
        self._captions: dict[int, tuple[str, list[str]]] = {}

    def faults(self) -> Iterator[Fault]:
        for found in (
            self._of_configurations,
            self._of_captions,
            self._of_rankings,
            self._of_transmissions,
            self._of_drawings,
            self._of_scores,
        ):
            for table, number, fault in found():
                self._bad.setdefault(table, set()).add(number)
                yield table, number, fault

    def _rows(self, query: str, **parents: int) -> Iterator[tuple[Any, ...]]:
        """The sound rows of a query that are made of sound ones.

        Args:
            parents: by table the column of the query that names a row of it; the first is the rows' own.
        """
        own = next(iter(parents))
        for row in self._plain.execute(query).fetchall():
            if all(row[place] not in self._bad.get(table, ()) for table, place in parents.items()):
                yield row
            else:  # nor is what is made of it
                self._bad.setdefault(own, set()).add(row[parents[own]])

    def _of_configurations(self) -> Iterator[Fault]:
        for number, key, kind, text in self._rows("SELECT id, key, kind, settings FROM config", config=0):
            self._settings[number] = json.loads(text)
            try:
                self._named[number] = named_by(key, kind, self._settings[number])
            except (SpoiledError, RecursionError):
                yield "config", number, "settings are not those that its key names"

    def _of_captions(self) -> Iterator[Fault]:
        query = "SELECT id, key, image_id, config_id, position, text, words FROM caption"
        for number, key, image, config, position, text, words in self._rows(
            query, caption=0, image=2, config=3
        ):
            own = json.loads(words)
            self._captions[number] = text, own
            if [word.text for word in split_words(text)] != own:
                yield "caption", number, "words are not those of its text"
            elif (named := self._named[config]) is not None:
                of = self._keys["image"][image]
                # People's captions are named by what they say, a captioner's are not.
                if key not in (caption_key(of, named, position), caption_key(of, named, position, text)):
                    yield "caption", number, _KEY

    def _of_rankings(self) -> Iterator[Fault]:
        query = 'SELECT id, key, caption_id, config_id, seed, "order", scores FROM ranking'
        for number, key, caption, config, seed, order, scores in self._rows(
            query, ranking=0, caption=2, config=3
        ):
            named = self._named[config]
            if named is not None and key != ranking_key(self._keys["caption"][caption], named, seed):
                yield "ranking", number, _KEY
                continue
            expected = self._order(self._settings[config], seed, *self._captions[caption])
            if expected not in (None, (json.loads(order), json.loads(scores))):
                yield "ranking", number, "is another order than its method's"

    def _order(
        self, settings: Mapping[str, Any], seed: int, text: str, words: Sequence[str]
    ) -> tuple[list[int], list[float | None]] | None:
        """Order and scores by a method of this version that reads nothing but captions; None for others."""
        spec = METHODS.all().get(settings["method"])
        importance, given = settings.get("importance"), settings.get("options", {})
        if not isinstance(importance, str | None) or not isinstance(given, dict):
            return None
        if spec is None or spec.origin.outside or spec.search or spec.facts.get(importance) != ():
            return None
        if settings.get("plugin") or settings.get("version") != spec.version_of(importance):
            return None
        try:
            options = Choice(spec, importance, given).options_for(seed)
        except LscError:
            return None
        answer = spec.make(Item(text, tuple(words), importance, {}, options))
        return list(answer.order), list(answer.scores)

    def _of_transmissions(self) -> Iterator[Fault]:
        query = """
            SELECT t.id, t.key, t.ranking_id, t.config_id, t.trial, r.caption_id, r."order", c.image_id
            FROM transmission t JOIN ranking r ON r.id = t.ranking_id JOIN caption c ON c.id = r.caption_id
            ORDER BY t.config_id, t.id"""
        whole = []
        for row in self._rows(query, transmission=0, ranking=2, config=3, caption=5, image=7):
            number, key, ranking, config, trial = row[:5]
            named = self._named[config]
            if named is not None and key != transmission_key(self._keys["ranking"][ranking], named, trial):
                yield "transmission", number, _KEY
            else:
                whole.append(row)
        for config, sent in groupby(whole, key=lambda row: int(row[3])):
            link = _link(self._settings[config])
            own = list(sent)
            for start in range(0, len(own) if link is not None else 0, _BATCH):
                assert link is not None
                yield from self._sent_again(own[start : start + _BATCH], link)

    def _sent_again(self, rows: Sequence[tuple[Any, ...]], link: ChannelSettings) -> Iterator[Fault]:
        marks = ", ".join("?" * len(rows))
        query = f"""
            SELECT s.transmission_id, s.sent, s.received, s.source_bits, s.channel_bits, s.symbols,
                s.bit_errors, s.rounds, p.text
            FROM step s JOIN prompt p ON p.id = s.prompt_id WHERE s.transmission_id IN ({marks})
            ORDER BY s.transmission_id, s.k"""
        steps: dict[int, list[tuple[Any, ...]]] = {}
        for number, *step in self._plain.execute(query, [row[0] for row in rows]):
            steps.setdefault(number, []).append(tuple(step))
        messages = []
        for number, _, _, _, trial, caption, order, image in rows:
            words, places = list(self._captions[caption][1]), json.loads(order)
            if link.scc is not None:  # which synonyms were chosen stands in the steps alone
                for place, step in zip(places, steps[number][1:], strict=False):
                    words[place] = step[0]
            messages.append(Message(words, places, self._keys["image"][image].hex(), trial))
        try:
            outcomes = send_messages(messages, link)
        except LscError:  # a file of words that is not named here
            return
        for (number, *_), outcome in zip(rows, outcomes, strict=True):
            if not isinstance(outcome, LscError) and steps[number] != [
                tuple(vars(step).values()) for step in outcome
            ]:
                yield "transmission", number, "steps are not those of its order over its channel"

    def _of_drawings(self) -> Iterator[Fault]:
        query = """
            SELECT g.id, g.key, g.prompt_id, g.config_id, g.seed, p.text
            FROM generation g JOIN prompt p ON p.id = g.prompt_id"""
        right: set[int] = set()
        wrong: list[tuple[int, int]] = []
        for number, key, prompt, config, seed, text in self._rows(query, generation=0, prompt=2, config=3):
            named = self._named[config]
            if named is None or key == generation_key(text, named, seed):
                right.add(prompt)
            else:
                wrong.append((number, prompt))
        # Where all drawings of a prompt were of another, the prompt is.
        for prompt in sorted({prompt for _, prompt in wrong} - right):
            yield "prompt", prompt, "text is not that of its drawings' keys"
        for number, prompt in wrong:
            if prompt in right:
                yield "generation", number, _KEY

    def _of_scores(self) -> Iterator[Fault]:
        query = """
            SELECT s.id, s.key, s.image_id, s.generation_id, s.config_id, g.prompt_id
            FROM score s JOIN generation g ON g.id = s.generation_id"""
        parents = {"score": 0, "image": 2, "generation": 3, "config": 4, "prompt": 5}
        for number, key, image, generation, config, _ in self._rows(query, **parents):
            named = self._named[config]
            made_of = self._keys["image"][image], self._keys["generation"][generation]
            if named is not None and key != score_key(*made_of, named):
                yield "score", number, _KEY


def _link(settings: Mapping[str, Any]) -> ChannelSettings | None:
    """The link of these settings; None where others know it better: a plug-in, or another version of lsc."""
    facts = {name: value for name, value in settings.items() if name != "scc_reads"}
    try:
        link = ChannelSettings.of(facts)
        return link if link.facts() == facts else None
    except LscError:
        return None

"""The way of the captions: each stage hands its rows to the next, and what is missing is made on the way.

    captions -> rankings -> receptions (what Bob received) -> drawings -> scores

Every choice is ranked once and every leg sent once, whatever asks for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property

from lsccli.core.captioners.base import CAPTIONERS
from lsccli.core.data.dataset import Dataset
from lsccli.core.data.teaching import check_apart, held_back, teachers
from lsccli.core.errors import LscError
from lsccli.core.metrics.stop import Stop
from lsccli.core.models.domain import about_captions, about_pictures
from lsccli.core.run.caption import caption_images
from lsccli.core.run.generate import draw_prompts
from lsccli.core.run.history import note_used
from lsccli.core.run.originals import Original, originals
from lsccli.core.run.plan import Choice, Leg, method_identity
from lsccli.core.run.rank import Ranked, Ranker
from lsccli.core.run.register import register
from lsccli.core.run.score import Pair, score_pairs
from lsccli.core.run.search import SearchRanker
from lsccli.core.run.transmit import Reception, Sender
from lsccli.core.run.until import draw_until
from lsccli.core.run.workspace import StageResult, Workspace
from lsccli.core.scc.link import link_identity
from lsccli.core.store.selection import CaptionRow, Selection, textures
from lsccli.core.store.store import config_key
from lsccli.core.store.uses import UsedLeg

_ORDER = ("caption", "rank", "transmit", "generate", "score")


class Pipeline:
    """The stages over the images selected.

    Each method does one stage, and before it what that needs and is not there yet; `made_first` of its result
    names those stages. `separate` leaves that out, for a command that shows the result of each stage.
    """

    def __init__(self, workspace: Workspace, selection: Selection, *, separate: bool = False) -> None:
        self.workspace = workspace
        self.selection = selection
        self._separate = separate
        self._captions: dict[str, tuple[StageResult, list[CaptionRow]]] = {}
        self._rankings: dict[tuple[object, ...], tuple[StageResult, list[Ranked]]] = {}
        self._receptions: dict[tuple[object, ...], tuple[StageResult, list[Reception]]] = {}
        self._new: set[str] = set()
        self._warned: set[str] = set()

    @cached_property
    def images(self) -> dict[int, Original]:
        """The originals selected, by id; LscError where there are none."""
        chosen = self.selection.images(self.workspace.store)
        found = originals(self.workspace.store, chosen)
        pairs = self.workspace.profile.pairs
        if pairs is None or not pairs.split:
            return {number: found[number] for number in chosen}
        back = held_back(pairs.data)
        evaluated = {number: found[number] for number in chosen if found[number].key not in back}
        if not evaluated and chosen:
            raise LscError(
                "With --split all of these images are held back to teach: none is evaluated; give more."
            )
        self.workspace.watcher.say(
            f"split: {len(chosen) - len(evaluated)} of {len(chosen)} images are held back to teach"
        )
        return evaluated

    def register(self, dataset: Dataset, limit: int | None, captioners: Iterable[str]) -> StageResult:
        """Put the images of a data set into the store, select these, and caption them by each captioner."""
        names = list(dict.fromkeys(captioners))
        numbers, captioned, failures = register(self.workspace, dataset, limit)
        self.selection = replace(self.selection, image_ids=tuple(numbers))
        result = StageResult("caption", units=len(failures))
        result.fail(failures, len(failures))
        result.add(self.caption(names))
        if any(CAPTIONERS.find(name).given for name in names):
            result.new += captioned
        return result

    def caption(self, captioners: Iterable[str]) -> StageResult:
        """Caption the images by each captioner."""
        result = StageResult("caption")
        for name in dict.fromkeys(captioners):
            result.add(self._captioned(name)[0])
        return self._finished(result)

    def rank(self, choices: Sequence[tuple[Choice, str]]) -> StageResult:
        """Rank by each method, each with the captioner whose captions it is to order."""
        result = StageResult("rank")
        for choice, captioner in choices:
            result.add(self.ranked(choice, captioner)[0])
        return self._finished(result)

    def transmit(self, legs: Sequence[Leg]) -> StageResult:
        """Send by each method over each channel."""
        result = StageResult("transmit")
        for sent, _ in self._sent(legs):
            result.add(sent)
        return self._finished(result)

    def generate(self, legs: Sequence[Leg], stop: Stop | None = None) -> StageResult:
        """Draw what Bob received; with `stop` each transmission only until it is good enough."""
        return self._drawn(legs, stop)[0]

    def score(
        self, legs: Sequence[Leg], metrics: Sequence[str], stop: Stop | None = None
    ) -> tuple[StageResult, StageResult]:
        """Draw what Bob received and score it by each metric: the results of both stages."""
        drawn, pairs = self._drawn(legs, stop)
        result = StageResult.after(drawn, "score")
        score_pairs(self.workspace, pairs, metrics, self.images, result)
        return drawn, self._finished(result)

    def captions(self, captioner: str) -> list[CaptionRow]:
        """The captions by a captioner, made where they are missing."""
        return self._captioned(captioner)[1]

    def ranked(self, choice: Choice, captioner: str) -> tuple[StageResult, list[Ranked]]:
        """The rankings of a captioner's captions by a method, made where they are missing."""
        name = (*choice.name, captioner)
        if name not in self._rankings:
            before, rows = self._captioned(captioner)
            ranker = (SearchRanker if choice.spec.search else Ranker)(self.workspace, choice, self.images)
            found = ranker.rank(rows)
            result = StageResult.after(before, "rank")
            result.add(ranker.result)
            self._rankings[name] = self._noted(result), found
        return self._rankings[name]

    def _captioned(self, captioner: str) -> tuple[StageResult, list[CaptionRow]]:
        if captioner not in self._captions:
            spec = CAPTIONERS.find(captioner)
            if "pairs" in spec.roles and (role := self.workspace.profile.pairs) is not None:
                taught = teachers(role.data, role.shots, split=role.split)
                check_apart(taught, [original.key for original in self.images.values()])
            heard: dict[int, dict[str, str]] = {}
            for name in spec.reads:
                before, told = self._captioned(name)
                if before.new:
                    self.workspace.watcher.say(f"captioned first by {name}: {before.new} new")
                for row in told:
                    heard.setdefault(row.image_id, {})[name] = row.text
            result, rows = caption_images(self.workspace, self.images, captioner, self.selection, heard)
            self._captions[captioner] = self._noted(result), rows
            self._warn(captioner, rows)
        return self._captions[captioner]

    def _warn(self, captioner: str, rows: Sequence[CaptionRow]) -> None:
        """Say once what the models in force were not made for."""
        domain = self.workspace.profile.domain
        given = CAPTIONERS.find(captioner).given
        with self.workspace.store.read() as session:
            seen = textures(session, self.images)
        lines = [
            *about_pictures(domain, list(seen.values())),
            *about_captions(domain, captioner, [row.words for row in rows], by_people=given),
        ]
        for line in lines:
            if line not in self._warned:
                self.workspace.watcher.say(f"warning: {line}")
        self._warned.update(lines)

    def _sent(self, legs: Sequence[Leg]) -> list[tuple[StageResult, list[Reception]]]:
        wanted = {leg.name: leg for leg in legs if leg.name not in self._receptions}
        ready = []
        for leg in wanted.values():
            before, rows = self.ranked(leg.choice, leg.speaker)
            ready.append((leg, rows, before))
        self._note_use(list(wanted.values()), [row for _, rows, _ in ready for row in rows])
        sent = Sender(self.workspace, self.images).send(ready)
        for name, (result, receptions) in zip(wanted, sent, strict=True):
            self._receptions[name] = self._noted(result), receptions
        return [self._receptions[leg.name] for leg in legs]

    def _note_use(self, legs: Sequence[Leg], ranked: Iterable[Ranked]) -> None:
        """Keep with the run what it sends: of a run that is killed too it is known what it was about."""
        workspace, used = self.workspace, self.workspace.used
        models = workspace.models
        choices = {leg.choice.name: leg.choice for leg in legs}
        methods = {
            name: config_key("method", method_identity(workspace, one)) for name, one in choices.items()
        }
        for leg in legs:
            own = UsedLeg(
                config_key("captioner", models.captioner_identity(leg.speaker)),
                methods[leg.choice.name],
                config_key("channel", link_identity(models, leg.channel)),
                len(leg.choice.replicates()),
                leg.trials,
            )
            used.legs.setdefault(own)
        used.images.update(self.images)
        used.captions.update(row.caption.id for row in ranked)
        used.all_captions = self.selection.all_captions
        if legs and workspace.run_id is not None:
            with workspace.store.write() as session:
                note_used(session, workspace)

    def _drawn(self, legs: Sequence[Leg], stop: Stop | None) -> tuple[StageResult, dict[int, list[Pair]]]:
        result = StageResult.after(self.transmit(legs), "generate")
        receptions = [one for _, rows in self._sent(legs) for one in rows]
        if stop is not None:
            self.workspace.used.stop_at = stop.metric, stop.score
            pairs = draw_until(self.workspace, receptions, stop, self.images, result)
        else:
            draw_prompts(self.workspace, [prompt for one in receptions for prompt in one.prompts], result)
            distinct = list(
                dict.fromkeys((one.image_id, prompt) for one in receptions for prompt in one.prompts)
            )
            pairs = dict.fromkeys(self.workspace.seeds(), distinct)
        return self._finished(self._noted(result)), pairs

    def _noted(self, result: StageResult) -> StageResult:
        if result.new:
            self._new.add(result.stage)
        return result

    def _finished(self, result: StageResult) -> StageResult:
        """A stage's result with the stages that had to be done first."""
        if not self._separate:
            before = _ORDER[: _ORDER.index(result.stage)]
            result.made_first = [stage for stage in before if stage in self._new]
        return result

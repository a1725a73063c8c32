"""Where a prompt becomes an image and an image a score: batched, and remembered.

Ranking by search, `lsc generate` and `lsc score` all come here, so that a prompt is drawn once whatever
asks for it, and a pair of images is compared once.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from lsccli.core.data.pictures import AT_MOST, decode
from lsccli.core.errors import LscError
from lsccli.core.metrics.base import METRICS, Pixels, fitted
from lsccli.core.numbers import LARGEST, is_result
from lsccli.core.receiver.base import NotFiniteError, family_of
from lsccli.core.registry.base import PluginError, at_work, each_or_alone
from lsccli.core.registry.given import shown, taken
from lsccli.core.run.drawings import Drawings
from lsccli.core.run.originals import Original
from lsccli.core.run.workspace import Failure, Workspace
from lsccli.core.store.results import generation_key, score_key
from lsccli.core.store.store import add, config_key, ids_by_key, look_up
from lsccli.core.store.tables import Generation, Score

# Features of this many originals stay in memory; pairs come image by image, so few are enough.
_REMEMBERED_ORIGINALS = 256
_SCORE_BATCH = 64


class Judge:
    """Draws prompts and scores drawings, for one receiver seed and one metric."""

    def __init__(
        self, workspace: Workspace, seed: int, metric: str | None = None, fit: str | None = None
    ) -> None:
        self.workspace = workspace
        self.seed = seed
        self.metric_name = metric or workspace.profile.need("metric").name
        models = workspace.models
        self._receiver = workspace.configuration("receiver", models.receiver_identity())
        self._metric = workspace.configuration("metric", models.metric_identity(self.metric_name, fit))
        role = workspace.profile.need("metric")
        self._side, self._fit = role.size, fit or role.fit
        workspace.used.receivers.setdefault(config_key("receiver", self._receiver.identity))
        if seed in workspace.seeds():  # not that of a search, where Bob draws with another
            workspace.used.receiver_seeds.add(seed)
        self._metric_spec = METRICS.find(self.metric_name)
        self._receiver_spec = family_of(workspace.profile.need("receiver").model.find().directory)
        self._drawings = Drawings(workspace, self._receiver.id, seed)
        self._features: OrderedDict[int, Any] = OrderedDict()
        self.drawn = 0
        self.scored = 0
        self.failures: list[Failure] = []
        self.undrawable: set[str] = set()
        self._warned = False

    # -- keys ---------------------------------------------------------------------------------------

    def generation_key(self, prompt: str) -> bytes:
        """The key of Bob's image for a prompt."""
        return generation_key(prompt, self._receiver.identity, self.seed)

    def score_key(self, original: Original, prompt: str) -> bytes:
        """The key of the score between an original and Bob's image for a prompt."""
        return score_key(original.key, self.generation_key(prompt), self._metric.identity)

    # -- drawing ------------------------------------------------------------------------------------

    def missing(self, prompts: Sequence[str]) -> list[str]:
        """Those distinct prompts that were never drawn, or whose image was dropped or damaged since."""
        keys = {self.generation_key(prompt): prompt for prompt in prompts}
        whole = self._drawings.whole(keys)
        return [prompt for name, prompt in keys.items() if name not in whole]

    def draw(self, prompts: Sequence[str]) -> None:
        """Draw every prompt given, in full batches; an image is stored as soon as its batch is done."""
        for _ in self._drawn(prompts):
            pass

    def _drawn(self, prompts: Sequence[str]) -> Iterator[dict[bytes, bytes]]:
        """Draw as `draw` does; the files of each batch by their keys."""
        size = self.workspace.models.batch_size
        for start in range(0, len(prompts), size):
            batch = prompts[start : start + size]
            with self.workspace.pace(len(batch)):
                images = self._images(batch)
            files = self._drawings.keep(images, {prompt: self.generation_key(prompt) for prompt in images})
            self.drawn += len(images)
            self.workspace.watcher.advance(len(batch))
            yield files

    def _images(self, batch: Sequence[str]) -> dict[str, Any]:
        """The images of those prompts that could be drawn."""
        try:
            return self._drawn_together(batch)
        except PluginError as error:
            if len(batch) > 1:
                return {prompt: one for own in batch for prompt, one in self._images([own]).items()}
            self.undrawable.add(batch[0])
            self._fail(repr(batch[0]), str(error))
            return {}

    def _drawn_together(self, batch: Sequence[str]) -> dict[str, Any]:
        try:
            with at_work(self._receiver_spec, f"The receiver {self._receiver_spec.name} failed"):
                images = self.workspace.models.receiver.draw(batch, self.seed)
                shape, kind = np.shape(images), np.asarray(images).dtype
        except NotFiniteError as error:
            bad = set(error.failed) & set(range(len(batch)))
            for index in sorted(bad):
                self.undrawable.add(batch[index])
                self._fail(repr(batch[index]), "the receiver gave no finite image; try --dtype float32")
            return {prompt: error.images[i] for i, prompt in enumerate(batch) if i not in bad}
        role = self.workspace.profile.need("receiver")
        name = self._receiver_spec.name
        if shape != (expected := (len(batch), role.height, role.width, 3)):
            raise PluginError(f"The receiver {name} drew images of shape {shape}, not {expected}.")
        if kind != np.uint8:
            raise PluginError(f"The receiver {name} drew images of {kind}, not uint8.")
        images = np.asarray(images)
        self._warn_of_long(batch)
        return dict(zip(batch, images, strict=True))

    def _warn_of_long(self, batch: Sequence[str]) -> None:
        if self._warned:
            return
        # A token is at least a character, and the shortest window in use has 40 of them.
        for prompt in batch:
            if len(prompt) <= 30:
                continue
            with at_work(self._receiver_spec, f"The receiver {self._receiver_spec.name} failed"):
                over = self.workspace.models.receiver.window_overflow(prompt)
            if over:
                self.workspace.watcher.say(
                    f"warning: Bob's text encoder does not see the last {over} tokens of {prompt!r}"
                )
                self._warned = True
                return

    def _fail(self, unit: str, reason: str) -> None:
        if (failure := Failure(unit, reason)) not in self.failures:
            self.failures.append(failure)

    def drop(self, prompts: Sequence[str]) -> None:
        """Forget the images of prompts that Bob never received; their scores stay."""
        self._drawings.drop([self.generation_key(prompt) for prompt in prompts])

    def files(self, prompts: Sequence[str]) -> list[bytes]:
        """The image files of prompts that were drawn; one that went this moment is drawn again."""
        names = [self.generation_key(prompt) for prompt in prompts]
        found = self._drawings.read(names)
        # Another lsc, whose search has ended, may have dropped some.
        gone = [prompt for name, prompt in zip(names, prompts, strict=True) if name not in found]
        for files in self._drawn(gone):
            found |= files
        if lost := [prompt for name, prompt in zip(names, prompts, strict=True) if name not in found]:
            raise LscError(
                f"The receiver gives no finite image for {lost[0]!r} any more; try --dtype float32."
            )
        return [found[name] for name in names]

    # -- scoring ------------------------------------------------------------------------------------

    def scores(self, pairs: Sequence[tuple[Original, str]]) -> list[float | None]:
        """The score of each pair, drawing and comparing what is missing; None where an original failed."""
        names = [self.score_key(original, prompt) for original, prompt in pairs]
        with self.workspace.store.read() as session:
            known: dict[bytes, float] = look_up(session, Score, "key", names, "value")
        todo = {name: pair for name, pair in zip(names, pairs, strict=True) if name not in known}
        if todo:
            prompts = list(dict.fromkeys(prompt for _, prompt in todo.values()))
            self.draw(self.missing(prompts))
            known.update(self._compare(todo))
        return [known.get(name) for name in names]

    def note_metric(self) -> None:
        """Keep with the run that it compares by this metric."""
        self.workspace.used.metrics.setdefault(config_key("metric", self._metric.identity))

    def unscored(self, pairs: Sequence[tuple[Original, str]]) -> list[tuple[Original, str]]:
        """Those distinct pairs that have no score yet."""
        names = {self.score_key(original, prompt): (original, prompt) for original, prompt in pairs}
        with self.workspace.store.read() as session:
            known = ids_by_key(session, Score, list(names))
        return [pair for name, pair in names.items() if name not in known]

    def _compare(self, todo: Mapping[bytes, tuple[Original, str]]) -> dict[bytes, float]:
        try:
            with at_work(self._metric_spec, f"The metric {self._metric_spec.name} failed"):
                metric = self.workspace.models.metric(self.metric_name)
        except PluginError as error:
            for original, prompt in todo.values():
                self._fail(f"{original.places[0]} and {prompt!r}", str(error))
            return {}
        by_image = sorted(todo.items(), key=lambda entry: entry[1][0].id)
        made: dict[bytes, float] = {}
        for start in range(0, len(by_image), _SCORE_BATCH):
            batch = [
                (name, original, prompt)
                for name, (original, prompt) in by_image[start : start + _SCORE_BATCH]
                if prompt not in self.undrawable and self._remember(original, metric)
            ]
            distinct = list(dict.fromkeys(prompt for _, _, prompt in batch))
            if not batch:
                continue
            files = self.files(distinct)
            squares = {p: self._square(content) for p, content in zip(distinct, files, strict=True)}
            outcomes = each_or_alone(batch, lambda pairs, all=squares: self._values(metric, pairs, all))  # type: ignore[misc]
            done = []
            for (name, original, prompt), value in zip(batch, outcomes, strict=True):
                if isinstance(value, PluginError):
                    self._fail(f"{original.places[0]} and {prompt!r}", str(value))
                else:
                    done.append((name, original, prompt))
                    made[name] = value
            self._store_scores(done, [made[name] for name, _, _ in done])
        return made

    def _values(
        self, metric: Any, batch: Sequence[tuple[bytes, Original, str]], squares: Mapping[str, Pixels]
    ) -> list[float]:
        """The score of each pair; PluginError for what is no score: nothing wrong is remembered."""
        distinct = list(dict.fromkeys(prompt for _, _, prompt in batch))
        with at_work(self._metric_spec, f"The metric {self._metric_spec.name} failed"):
            features = metric.features(np.stack([squares[prompt] for prompt in distinct]))
            drawn = dict(zip(distinct, features, strict=True))
            originals = [self._features[original.id] for _, original, _ in batch]
            values = taken(metric.compare(originals, [drawn[p] for _, _, p in batch]), len(batch))
        if len(values) != len(batch):
            told = "more" if len(values) > len(batch) else len(values)
            raise PluginError(
                f"Metric {self.metric_name} gave {told} scores for {len(batch)} pairs of images."
            )
        if wrong := [value for value in values if not is_result(value)]:
            raise PluginError(
                f"Metric {self.metric_name} gave the score {shown(wrong[0])}, which is no finite number "
                f"of at most {LARGEST:g}."
            )
        return [float(value) for value in values]

    def _remember(self, original: Original, metric: Any) -> bool:
        if original.id in self._features:
            self._features.move_to_end(original.id)
            return True
        try:
            square = self._square(original.read())
        except LscError as error:
            self._fail(str(original.places[0]), str(error))
            return False
        try:
            with at_work(self._metric_spec, f"The metric {self._metric_spec.name} failed"):
                (self._features[original.id],) = taken(metric.features(square[None]), 1)
        except PluginError as error:
            self._fail(str(original.places[0]), str(error))
            return False
        if len(self._features) > _REMEMBERED_ORIGINALS + _SCORE_BATCH:
            self._features.popitem(last=False)
        return True

    def _store_scores(self, batch: Sequence[tuple[bytes, Original, str]], values: Sequence[float]) -> None:
        with self.workspace.store.write() as session:
            generation = ids_by_key(session, Generation, [self.generation_key(p) for _, _, p in batch])
            rows = [
                {
                    "key": name,
                    "image_id": original.id,
                    "generation_id": generation[self.generation_key(prompt)],
                    "config_id": self._metric.id,
                    "value": value,
                    "run_id": self.workspace.run_id,
                }
                for (name, original, prompt), value in zip(batch, values, strict=True)
            ]
            self.scored += add(session, Score, rows)

    def _square(self, content: bytes) -> Pixels:
        """An image file as the metric sees it: 8-bit RGB, (side, side, 3)."""
        side = self._side
        return fitted(decode(content, at_most=max(AT_MOST, 4 * side)), side, self._fit)

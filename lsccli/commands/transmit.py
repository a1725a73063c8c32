"""`lsc transmit`: send the words, one after another."""

from __future__ import annotations

import typer

from lsccli.commands import channel_options as link
from lsccli.commands import options as given
from lsccli.commands.context import Session


def transmit(
    ctx: typer.Context,
    method: given.Method,
    importance: given.Importance = None,
    seeds: given.Seeds = 1,
    only_heads: given.OnlyHeads = False,
    penalty: given.Penalty = 0.0,
    reorder: given.Reorder = "none",
    channel: link.Channel = "ideal",
    source_code: link.SourceCode = "ascii8",
    ber: link.Ber = None,
    modulation: link.Modulation = None,
    ebn0_db: link.EbN0 = None,
    esn0_db: link.EsN0 = None,
    fading: link.Fading = None,
    formula: link.Formula = False,
    code: link.Code = "none",
    rate: link.Rate = None,
    crc: link.Crc = "none",
    arq: link.Arq = None,
    decoder: link.Decoder = None,
    vocabulary: link.Vocabulary = None,
    channel_seed: link.ChannelSeed = None,
    trials: link.Trials = 1,
    keep_images: given.KeepImages = "received",
    data: given.Data = None,
    captioner: given.Captioner = None,
    limit: given.Limit = None,
    captions: given.Captions = "first",
) -> None:
    """Send the words of each caption over the channel, in the order of a method."""
    from lsccli.core import pipeline

    session: Session = ctx.obj
    channels = link.channels(
        trials=trials,
        channel=channel,
        source_code=source_code,
        reorder=reorder,
        ber=ber,
        modulation=modulation,
        ebn0_db=ebn0_db,
        esn0_db=esn0_db,
        fading=fading,
        formula=formula,
        code=code,
        rate=rate,
        crc=crc,
        arq=arq,
        decoder=decoder,
        vocabulary=vocabulary,
        profile=session.profile.name,
        channel_seed=channel_seed,
    )
    choice = given.choice(
        method, importance, seeds=seeds, only_heads=only_heads, penalty=penalty, reorder=reorder
    )
    selection = given.selection(data, captioner, limit, captions)
    with session.bench("transmit", keep_all_images=given.keeps_all(keep_images)) as bench:
        legs = [pipeline.Leg(selection, choice, point, trials) for point in channels]
        session.finish(bench, pipeline.transmit(bench, legs))

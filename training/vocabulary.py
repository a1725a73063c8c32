"""The two tokenizers: byte-level BPE for CLIP, WordPiece for the BLIP models, both trained on captions."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from training import common
from training.language import caption, human_captions
from training.world import sample_scene

if TYPE_CHECKING:
    from transformers import BertTokenizer, CLIPTokenizer

CLIP_LENGTH = 40  # tokens; a caption has at most 14 words, a garbled one more tokens
CLIP_MERGES = 484
BERT_LENGTH = 40
BERT_VOCABULARY = 640
START, END = "<|startoftext|>", "<|endoftext|>"


def corpus(count: int, seed: int, bob: float) -> Iterator[str]:
    """`count` captions, the share `bob` of them in Bob's dialect, with some of the mixed human kind."""
    rng = random.Random(seed)
    for _ in range(count):
        scene = sample_scene(rng)
        if rng.random() < 0.1:
            yield human_captions(scene, rng, 1)[0]
        else:
            yield caption(scene, "bob" if rng.random() < bob else "alice", rng)


@lru_cache(maxsize=1)
def clip_tokenizer() -> CLIPTokenizer:
    """The CLIP tokenizer; any text can be written in it, since single bytes are tokens too.

    It is trained once and kept beside the checkpoints, which mean nothing with another.
    """
    from tokenizers import pre_tokenizers, trainers
    from transformers import CLIPTokenizer

    folder = common.WORK / "tokenizer-clip"
    if folder.exists():
        return CLIPTokenizer.from_pretrained(folder)
    scratch = CLIPTokenizer().backend_tokenizer
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(  # type: ignore[call-arg]
        vocab_size=CLIP_MERGES + 2 * len(alphabet),
        initial_alphabet=alphabet,
        end_of_word_suffix="</w>",
        show_progress=False,
        special_tokens=[],
    )
    scratch.train_from_iterator(corpus(40_000, 7, bob=0.9), trainer)
    merges = [tuple(pair) for pair in json.loads(scratch.to_str())["model"]["merges"]]
    # As in the original: bytes, bytes that end a word, merges, then the two special tokens. The trainer keeps
    # only the word endings it has seen; a garbled word may end in any byte.
    tokens = [*alphabet, *(c + "</w>" for c in alphabet), *(a + b for a, b in merges)]
    tokens = [*dict.fromkeys(tokens), START, END]
    tokenizer = CLIPTokenizer(
        vocab={token: i for i, token in enumerate(tokens)}, merges=merges, model_max_length=CLIP_LENGTH
    )
    tokenizer.save_pretrained(folder)
    return tokenizer


@lru_cache(maxsize=1)
def bert_tokenizer() -> BertTokenizer:
    """The tokenizer of the captioners and the matcher; [PAD] is 0, [CLS] begins and [SEP] ends a caption."""
    from tokenizers import trainers
    from transformers import BertTokenizer

    folder = common.WORK / "tokenizer-bert"
    if folder.exists():
        return BertTokenizer.from_pretrained(folder)
    letters = list("abcdefghijklmnopqrstuvwxyz")
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    scratch = BertTokenizer().backend_tokenizer
    trainer = trainers.WordPieceTrainer(  # type: ignore[call-arg]
        vocab_size=BERT_VOCABULARY,
        special_tokens=special,
        continuing_subword_prefix="##",
        initial_alphabet=letters,
        show_progress=False,
    )
    scratch.train_from_iterator(corpus(40_000, 8, bob=0.5), trainer)
    # The trainer numbers its tokens in no fixed order.
    pieces = {*scratch.get_vocab(), *(f"##{letter}" for letter in letters)} - set(special)
    ordered = {token: i for i, token in enumerate([*special, *sorted(pieces)])}
    tokenizer = BertTokenizer(vocab=ordered, model_max_length=BERT_LENGTH)
    tokenizer.save_pretrained(folder)
    return tokenizer

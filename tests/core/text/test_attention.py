"""Attention between words: hand-worked matrices, and small models of the real classes with random weights."""

import re
import warnings

import numpy as np
import pytest
import torch
import transformers
from transformers.models.blip.modeling_blip_text import BlipTextModel

from lsccli.core.errors import LscError
from lsccli.core.text.attention import (
    WordAttention,
    combination,
    contribution,
    seen_equally,
    seen_words,
    words_from_tokens,
)

SIZE = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 48}
CAPTIONS = [
    ("a", "Brown", "dog", "runs"),
    ("the", "t-shirt"),
    ("dog",),
    ("a", "cat", "🎉", "runs", "with", "the", "man's", "dog", "on", "grass"),
    (),
]


def clip_tokenizer(window):
    # Byte-level BPE without merges: every byte of a word is a token.
    from transformers.convert_slow_tokenizer import bytes_to_unicode

    characters = list(bytes_to_unicode().values())
    pieces = [
        *characters,
        *(f"{character}</w>" for character in characters),
        "<|startoftext|>",
        "<|endoftext|>",
    ]
    vocab = {piece: index for index, piece in enumerate(pieces)}
    return transformers.CLIPTokenizer(vocab=vocab, merges=[], model_max_length=window), len(pieces)


def bert_tokenizer(window):
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "the", "dog", "cat", "run", "##s", "t", "-", "shirt"]
    pieces += ["man", "'", "s", "on", "grass", "with", "brown"]
    vocab = {piece: index for index, piece in enumerate(pieces)}
    return transformers.BertTokenizerFast(vocab=vocab, model_max_length=window), len(pieces)


def build(kind, window=77, tokenizer_window=None):
    torch.manual_seed(3)
    if kind.startswith("clip"):
        tokenizer, vocabulary = clip_tokenizer(tokenizer_window or window)
        config = transformers.CLIPTextConfig(
            vocab_size=vocabulary,
            max_position_embeddings=window,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
            projection_dim=16,
            **SIZE,
        )
        projected = kind == "clip with projection"
        model = (transformers.CLIPTextModelWithProjection if projected else transformers.CLIPTextModel)(
            config
        )
    else:
        tokenizer, vocabulary = bert_tokenizer(tokenizer_window or window)
        config_class, model_class = {
            "bert": (transformers.BertConfig, transformers.BertModel),
            "blip": (transformers.BlipTextConfig, BlipTextModel),
        }[kind]
        extra = {"encoder_hidden_size": 32, "bos_token_id": 2, "sep_token_id": 3} if kind == "blip" else {}
        model = model_class(
            config_class(
                vocab_size=vocabulary, max_position_embeddings=window, pad_token_id=0, **SIZE, **extra
            )
        )
    with torch.no_grad():  # far enough from uniform attention for a mistake to show
        for parameter in model.parameters():
            if parameter.dim() > 1:
                parameter.normal_(std=0.4)
    return model, tokenizer


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    # Models as small as these spend their time waiting for threads.
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


KINDS = ["clip", "clip with projection", "bert", "blip"]


@pytest.fixture(params=KINDS)
def pair(request):
    return build(request.param)


def by_hand(model, tokenizer, words):
    """One caption alone and unpadded, its tokens counted off word by word and joined in plain loops."""
    encoded = tokenizer(" ".join(words), return_tensors="pt")
    before = model.config._attn_implementation
    model.eval().set_attn_implementation("eager")
    with torch.no_grad():
        layers = model(**encoded, output_attentions=True).attentions
    model.set_attn_implementation(before)
    tokens = torch.stack(layers).double().mean(dim=(0, 2))[0].numpy()
    groups, start = [], 1
    for word in words:
        size = len(tokenizer(word)["input_ids"]) - 2
        groups.append(range(start, start + size))
        start += size
    assert start == len(tokens) - 1
    matrix = np.zeros((len(words), len(words)))
    for u, attending in enumerate(groups):
        for v, attended in enumerate(groups):
            for i in attending:
                for j in attended:
                    matrix[u, v] += tokens[i, j] / len(attending)
    return matrix


def test_tokens_are_summed_over_the_attended_and_averaged_over_the_attending():
    # [CLS] dog run ##s [SEP] [PAD]; the words are "dog" and "runs".
    tokens = np.array(
        [
            [0.5, 0.1, 0.1, 0.1, 0.2, 0.0],
            [0.2, 0.4, 0.1, 0.2, 0.1, 0.0],
            [0.1, 0.3, 0.3, 0.1, 0.2, 0.0],
            [0.3, 0.1, 0.2, 0.1, 0.3, 0.0],
            [0.6, 0.1, 0.1, 0.1, 0.1, 0.0],
            [0.2, 0.2, 0.2, 0.2, 0.2, 0.0],
        ]
    )
    words = words_from_tokens(tokens, [[1], [2, 3]])
    # dog -> runs: 0.1 + 0.2; runs -> dog: (0.3 + 0.1) / 2; runs -> runs: (0.3 + 0.1 + 0.2 + 0.1) / 2
    np.testing.assert_allclose(words, [[0.4, 0.3], [0.2, 0.35]])


def test_a_word_without_tokens_is_nan_in_row_and_column():
    words = words_from_tokens(np.full((3, 3), 0.25), [[1], [], [2]])
    nan = np.nan
    np.testing.assert_array_equal(words, [[0.25, nan, 0.25], [nan, nan, nan], [0.25, nan, 0.25]])


def test_contribution_and_combination_by_hand():
    attention = np.array([[0.5, 0.2, 0.1], [0.3, 0.1, 0.4], [0.0, 0.6, 0.2]])
    # word 0 gives 0.2 + 0.1 and takes 0.3 + 0.0, and so on
    np.testing.assert_allclose(contribution(attention), [0.6, 1.5, 1.1])
    np.testing.assert_allclose(
        combination(attention), [[0.5, 0.25, 0.05], [0.25, 0.1, 0.5], [0.05, 0.5, 0.2]]
    )


def test_matrices_equal_those_computed_one_by_one(pair):
    found = WordAttention(*pair, batch_size=2).matrices(CAPTIONS)
    for words, matrix in zip(CAPTIONS, found, strict=True):
        assert matrix.dtype == np.float64
        assert matrix.shape == (len(words), len(words))
        if words:
            np.testing.assert_allclose(matrix, by_hand(*pair, words), atol=1e-6)


def test_attention_left_in_words_is_less_than_one(pair):
    # The special tokens take their share and nothing is renormalised.
    for matrix in WordAttention(*pair).matrices(CAPTIONS[:4]):
        sums = matrix.sum(axis=1)
        assert (sums > 0.01).all()
        assert (sums < 0.999).all()


def test_a_result_does_not_depend_on_batch_or_neighbours(pair):
    single = WordAttention(*pair, batch_size=1)
    alone = [single.matrices([words])[0] for words in CAPTIONS]
    for size, order in ((2, CAPTIONS), (8, CAPTIONS[::-1])):
        for words, matrix in zip(order, WordAttention(*pair, batch_size=size).matrices(order), strict=True):
            np.testing.assert_allclose(matrix, alone[CAPTIONS.index(words)], atol=1e-6)


def test_clip_attends_backwards_only_and_reads_without_case():
    reader = WordAttention(*build("clip"))
    upper, lower = reader.matrices([("A", "Brown", "DOG"), ("a", "brown", "dog")])
    np.testing.assert_array_equal(upper, lower)
    np.testing.assert_array_equal(np.triu(upper, 1), 0.0)


def test_bert_attends_both_ways():
    (matrix,) = WordAttention(*build("bert")).matrices([("a", "brown", "dog")])
    assert (matrix > 0).all()


@pytest.mark.parametrize("kind", ["clip", "bert"])
def test_words_beyond_the_window_are_nan(kind):
    # Window 12: two special tokens and ten bytes or word pieces.
    model, tokenizer = build(kind, window=12)
    words = ("a", "dog", "runs", "catty", "a", "dog") if kind == "clip" else ("runs",) * 7
    kept = 3 if kind == "clip" else 5  # 1 + 3 + 4 bytes, "catty" is cut; five times "run ##s"
    long, short = WordAttention(model, tokenizer).matrices([words, words[:kept]])
    assert np.isnan(long[kept:]).all()
    assert np.isnan(long[:, kept:]).all()
    assert not np.isnan(long[:kept, :kept]).any()
    assert not np.isnan(short).any()
    with pytest.warns(UserWarning, match=f"only {kept} of a caption's {len(words)} words"):
        assert seen_words(long, words) == tuple(range(kept))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert seen_words(short, words[:kept]) == tuple(range(kept))


@pytest.mark.parametrize(
    ("words", "bare", "far"),
    [
        (("a", "\ufffd", "dog"), r"'\\ufffd' has no token", None),
        (("a", "dog", "\ufffd"), r"'\\ufffd' has no token", None),
        (("\ufffd", "a", "\ufffd\ufffd"), r"'\\ufffd', '\\ufffd\\ufffd' have no token", None),
        (("\ufffd",), r"'\\ufffd' has no token", None),
        (("a", "\u0301"), r"'\\u0301' has no token", None),
        (("a", "\ufffd", *("runs",) * 7), r"'\\ufffd' has no token", "only 5 of a caption's 9 words"),
    ],
)
def test_a_word_without_a_token_is_not_beyond_the_window(words, bare, far):
    model, tokenizer = build("bert", window=12)
    (matrix,) = WordAttention(model, tokenizer).matrices([words])
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        seen_words(matrix, words)
    said = [str(one.message) for one in heard]
    assert re.match(bare, said[0])
    assert said[1:] == [] if far is None else far in said[1]


def test_a_tokenizer_without_a_limit_is_limited_by_the_model():
    model, tokenizer = build("bert", window=12, tokenizer_window=10**30)
    (matrix,) = WordAttention(model, tokenizer).matrices([("dog",) * 11])
    assert seen_words(matrix[:10, :10], ("dog",) * 10) == tuple(range(10))
    assert np.isnan(matrix[10]).all()


def test_the_model_computes_as_before_afterwards():
    model, tokenizer = build("bert")
    model.set_attn_implementation("sdpa")
    WordAttention(model, tokenizer).matrices([("dog",)])
    assert model.config._attn_implementation == "sdpa"


def test_what_it_cannot_work_with_is_refused():
    model, tokenizer = build("bert")
    with pytest.raises(ValueError, match="batch_size"):
        WordAttention(model, tokenizer, batch_size=0)
    with pytest.raises(ValueError, match="fast"):
        WordAttention(model, object())


def causal(kind):
    return kind.startswith("clip")


@pytest.mark.parametrize("kind", KINDS)
def test_tokens_with_special_ones_are_the_inside_of_a_run_alone(kind):
    model, tokenizer = build(kind)
    (found,) = WordAttention(model, tokenizer, 2).tokens([("the", "t-shirt", "runs")])
    encoded = tokenizer("the t-shirt runs", return_tensors="pt")
    before = model.config._attn_implementation
    model.eval().set_attn_implementation("eager")
    with torch.no_grad():
        layers = model(**encoded, output_attentions=True).attentions
    model.set_attn_implementation(before)
    expected = torch.stack(layers).double().mean(dim=(0, 2))[0].numpy()[1:-1, 1:-1]
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize("kind", ["clip", "bert"])
def test_one_head_runs_without_special_tokens_and_is_summed_over_layers(kind):
    model, tokenizer = build(kind)
    captions = [("the", "dog"), ("a", "cat", "runs"), ()]
    found = WordAttention(model, tokenizer, 2).tokens(captions, head=2)
    for words, matrix in zip(captions[:2], found, strict=False):
        ids = tokenizer(" ".join(words), add_special_tokens=False, return_tensors="pt")["input_ids"]
        before = model.config._attn_implementation
        model.eval().set_attn_implementation("eager")
        with torch.no_grad():
            layers = model(input_ids=ids, output_attentions=True).attentions
        model.set_attn_implementation(before)
        np.testing.assert_allclose(matrix, sum(layer[0, 2] for layer in layers).numpy(), atol=1e-5)
        assert matrix.sum(axis=1) == pytest.approx(len(layers), abs=1e-5)  # each row adds up to 1 a layer
    assert found[2].shape == (0, 0)
    with pytest.raises(LscError, match="4 heads, and none of index 4"):
        WordAttention(model, tokenizer).tokens(captions, head=4)


def test_each_column_is_divided_by_how_many_see_it():
    causal_one = np.tril(np.full((5, 5), 0.2))
    # The first and the last are special tokens, which neither count nor change.
    found = seen_equally(causal_one, [1, 2, 3])
    assert found[3, 1:4] == pytest.approx([0.2 / 3, 0.2 / 2, 0.2])
    assert found[:, [0, 4]] == pytest.approx(causal_one[:, [0, 4]])
    both_ways = np.random.default_rng(0).random((4, 4)) + 0.1
    assert seen_equally(both_ways, range(4)) == pytest.approx(both_ways / 4)


@pytest.mark.parametrize("kind", KINDS)
def test_correction_changes_no_order_of_a_model_that_sees_both_ways(kind):
    model, tokenizer = build(kind)
    run = WordAttention(model, tokenizer, 4)
    words = ("a", "cat", "runs", "with", "the", "dog")
    ((plain,), (corrected,)) = run.matrices([words]), run.matrices([words], corrected=True)
    tokens = len(tokenizer(" ".join(words))["input_ids"]) - 2
    if causal(kind):
        assert corrected[-1] != pytest.approx(plain[-1] / tokens)
    else:
        np.testing.assert_allclose(corrected * tokens, plain, atol=1e-12)

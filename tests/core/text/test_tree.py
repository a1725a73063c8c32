"""Heads of words, which may be several tokens, from trees drawn by hand."""

from lsccli.core.text.tree import Tree, word_heads


def heads(governors, marks, owners):
    """Tokens of one character each."""
    count = len(governors)
    spans = tuple((at, at + 1) for at in range(count))
    tree = Tree(
        ("x",) * count, spans, ("NN",) * count, tuple(governors), tuple(at in marks for at in range(count))
    )
    return word_heads(tree, owners)


def test_heads_belong_to_words_not_tokens():
    # "a t-shirt !" has the words a and t-shirt; the hyphen inside and the mark outside do not count.
    assert heads([3, 3, 3, 3, 3], {2, 4}, [[0], [1, 2, 3]]) == (1,)
    assert heads([2, 2, 2, 2], {1, 3}, [[0, 1, 2]]) == ()


def test_an_emoji_is_a_word_like_any_other():
    # a smiling 🐱: the emoji governs; a cat 🐱: it is governed.
    assert heads([2, 2, 2], set(), [[0], [1], [2]]) == (2,)
    assert heads([0, 0], set(), [[0], [1]]) == (0,)


def test_a_mark_makes_no_head_though_it_is_a_word():
    assert heads([0, 0], {1}, [[0], [1]]) == ()

"""Text of others in each output: what each format would take for its own is shown instead."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from html.parser import HTMLParser

import pytest

from lsccli.core.report.escape import (
    csv_cell,
    figure_text,
    html_text,
    json_cell,
    json_text,
    latex,
    latex_comment,
    markdown,
    visible,
)

HOSTILE = (
    "a\nb",
    "a\r\nError: fake",
    "\x1b[2J",
    "\x9b31m",
    "\x7f",
    "\u202egnp.exe",
    "\u2066x\u2069",
    "line\u2028end",
    "caf\udce9.png",
    "\ud800",
    "[/x]",
    "\ufeff=1",
    "\x00",
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a brown dog", "a brown dog"),
        ("Æther 犬 “é”\u00a0–", "Æther 犬 “é”\u00a0–"),
        ("\U0001f469\u200d\U0001f4bb", "\U0001f469\u200d\U0001f4bb"),
        ("a\nb\tc\rd", r"a\nb\tc\rd"),
        ("\x1b[31m\x07\x00", r"\x1b[31m\x07\x00"),
        ("\x9b31m\x7f", r"\x9b31m\x7f"),
        ("\u202egnp.exe\u2069", r"\u202egnp.exe\u2069"),
        ("\u2028\u2029\u0085", r"\u2028\u2029\x85"),
        ("\U000e0041", r"\U000e0041"),
        # A file name in Latin-1, as Python gives it.
        (b"caf\xe9.png".decode("utf-8", "surrogateescape"), r"caf\xe9.png"),
        ("\ud800", r"\ud800"),
    ],
)
def test_what_cannot_be_seen_is_escaped(text: str, shown: str) -> None:
    assert visible(text) == shown
    assert visible(shown) == shown


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_hidden_is_left_and_all_is_utf8(text: str) -> None:
    outputs = (visible, latex, latex_comment, html_text, markdown, figure_text, csv_cell, json_text)
    for output in outputs:
        told = str(output(text))
        told.encode("utf-8")
        hidden = [letter for letter in told if unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
        assert hidden == (["\n"] * text.count("\n") if output is csv_cell else []), output


def test_latex_commands() -> None:
    assert latex(r"50 % of $x_1 & #2 {~^} <|> \input") == (
        r"50 \% of \$x\_1 \& \#2 \{\textasciitilde{}\textasciicircum{}\} "
        r"\textless{}\textbar{}\textgreater{} \textbackslash{}input"
    )
    # After the end of a row these belong to \\.
    assert latex("[1cm] x") == "{}[1cm] x"
    assert latex("*") == "{}*"
    assert latex("random [seed=1]") == "random [seed=1]"


def test_a_comment_of_latex_is_one_line() -> None:
    assert latex_comment("mine\n\\input{/etc/passwd}") == r"% mine\n\input{/etc/passwd}"


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "＝", "＋", "－", "＠"])
def test_no_cell_is_a_formula(sign: str) -> None:
    for lead in ("", " ", "\n", "\u00a0"):
        text = f'{lead}{sign}HYPERLINK("http://x")'
        assert csv_cell(text) == f"'{text}"
    # A tab is escaped, so that no spreadsheet strips it.
    assert str(csv_cell(f"\t{sign}1+1")).startswith("\\t")
    assert str(csv_cell(f"\r{sign}1+1")).startswith("\\r")


@pytest.mark.parametrize("value", [-1, -0.5, 0, None, True, "-0.5", "+3", "-1e-05", "-.5", "a=b", "3-4", ""])
def test_numbers_stay_numbers_and_text_text(value: object) -> None:
    assert csv_cell(value) == value


def test_json_in_a_cell_stays_the_same_json() -> None:
    words = ["\x1b[31m", "\x9b", "\u202ex", "=1", 'a"b']
    document = json.dumps(words, ensure_ascii=False)
    told = json_cell(document)
    assert json.loads(str(told)) == words
    assert str(told).isprintable()
    # Where a store from elsewhere has no JSON there.
    assert json_cell("=1+1") == "'=1+1"
    stream = io.StringIO()
    csv.writer(stream).writerow([told])
    assert json.loads(next(csv.reader([stream.getvalue()]))[0]) == words


@pytest.mark.parametrize("ascii_only", [False, True])
def test_json_is_exact(ascii_only: bool) -> None:
    value = {"texts": [*HOSTILE, "犬"], "n": [1, 0.1]}
    told = json_text(value, ascii_only=ascii_only, indent=2)
    assert json.loads(told) == value
    assert told.isascii() == ascii_only
    assert ("犬" in told) is not ascii_only


def test_json_has_no_numbers_that_are_none() -> None:
    assert json_text({"a": [float("nan"), (float("inf"), 1.5)]}) == '{"a": [null, [null, 1.5]]}'


def test_html_holds_the_text_and_no_tag() -> None:
    class Parser(HTMLParser):
        """What a browser would take for tags and for text."""

        def __init__(self) -> None:
            super().__init__()
            self.tags: list[tuple[str, list[tuple[str, str | None]]]] = []
            self.text = ""

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.tags.append((tag, attrs))

        def handle_data(self, data: str) -> None:
            self.text += data

    text = "<script>alert('1')</script> & \" onload=x"
    parser = Parser()
    parser.feed(f'<p title="{html_text(text)}">{html_text(text)}</p>')
    assert parser.tags == [("p", [("title", text)])]
    assert parser.text == text


def test_markdown_shows_the_signs() -> None:
    assert markdown("a|b `c` [d](e) *f*\n<b>&amp;") == (
        r"a\|b \`c\` \[d\]\(e\) \*f\*\\n" + "&lt;b&gt;&amp;amp;"
    )


def test_a_dollar_begins_no_formula() -> None:
    from matplotlib.cbook import is_math_text

    for text in (r"$\frac$ and $x$", "5 $", r"\$a$ $b\$"):
        assert not is_math_text(figure_text(text))
        # Where there is no formula, matplotlib takes the backslash off again.
        assert figure_text(text).replace(r"\$", "$") == text

"""What semantic channel coding finds to replace, and how close in meaning it is; on the storybook.

python -m benchmarks.scc
"""

from __future__ import annotations

import csv
import itertools
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from lsccli.core.channel.link import SCC_RULES
from lsccli.core.channel.settings import resolved
from lsccli.core.channel.transmit import Message, send_messages
from lsccli.core.channel.vocabulary import shipped
from lsccli.core.data.dataset import read_dataset
from lsccli.core.models.models import Models, resolve_compute
from lsccli.core.models.profile import load_profile
from lsccli.core.report.inference import t_intervals
from lsccli.core.run.judge import Judge
from lsccli.core.run.pipeline import Pipeline
from lsccli.core.run.workspace import Workspace
from lsccli.core.scc import thesaurus
from lsccli.core.scc.inflect import PART_OF_TAG, forms, lemmas
from lsccli.core.scc.link import semantic_coder
from lsccli.core.store.selection import Selection
from lsccli.core.store.store import Store
from training import lexicon

TRIALS = 20
CAPTIONS = Path(__file__).resolve().parent.parent / "examples" / "storybook" / "captions.txt"
MEANINGS = (lexicon.KIND_OF, lexicon.COLOUR_OF, lexicon.SIZE_OF, lexicon.ACTION_OF, lexicon.PLACE_OF)


def meanings(word: str) -> set[tuple[int, str]]:
    """The constants of the world that a word names."""
    return {(number, names[word]) for number, names in enumerate(MEANINGS) if word in names}


def related(known: frozenset[str]) -> dict[tuple[str, str], bool]:
    """Pairs of known words that WordNet relates in some form, and whether they mean the same in the world."""
    found = {}
    for word in known:
        for tag in PART_OF_TAG:
            for lemma in lemmas(word, tag):
                for other in thesaurus.alternatives(lemma, PART_OF_TAG[tag]):
                    for form in forms(other.lemma, tag):
                        if form in known and form != word and meanings(word) and meanings(form):
                            found[min(word, form), max(word, form)] = bool(meanings(word) & meanings(form))
    return found


def report(name: str, models: Models, texts: list[str], rule: str) -> None:
    """Print what a rule replaces in these captions."""
    coder = semantic_coder(models, resolved(scc=rule))
    words = [word for row in coder.captions(texts, models.parser) for word in row]
    content = [word for word in words if word.part]
    replaced = [word for word in content if word.sent != word.word]
    letters = sum(len(word.word) for word in words) / len(texts)
    more = sum(len(word.sent) - len(word.word) for word in words) / len(texts)
    share = f"{len(replaced)} of {len(content)} content words replaced ({len(replaced) / len(content):.1%})"
    print(f"{name}, --scc {rule}: {share}; {more:+.2f} letters a caption, which has {letters:.1f}")
    counts = Counter(f"{word.word} {word.sent}" for word in replaced).most_common(24)
    print("   ", ", ".join(f"{pair} {count}" for pair, count in counts))
    kept = Counter(f"{word.word} ({word.reason})" for word in content if word.sent == word.word)
    print("    stay:", ", ".join(f"{word} {count}" for word, count in kept.most_common(24)))


def noise() -> None:
    """Print how many words Bob misreads over a binary symmetric channel: of all, and of those replaced."""
    models = Models(load_profile("storybook"), resolve_compute("cpu", "auto", "auto"))
    with CAPTIONS.open(encoding="utf-8") as stream:
        texts = [line["caption"] for line in csv.DictReader(stream)]
    for rule, decoder, ber in itertools.product(SCC_RULES, ("raw", "vocabulary"), (0.02, 0.05, 0.1)):
        coded = semantic_coder(models, resolved(scc=rule)).captions(texts, models.parser)
        rows = [row for row in coded for _ in range(TRIALS)]
        channel = resolved(channel="bsc", ber=ber, decoder=decoder)
        told = []
        for words_of in (lambda word: word.word, lambda word: word.sent):
            messages = [
                Message([words_of(word) for word in row], range(len(row)), str(number), trial)
                for number, row in enumerate(coded)
                for trial in range(TRIALS)
            ]
            wrong = np.array(
                [
                    (step.received != step.sent, word.sent != word.word, step.channel_bits)
                    for row, steps in zip(rows, send_messages(messages, channel), strict=True)
                    for word, step in zip(row, steps[1:], strict=True)
                ]
            )
            of = wrong[:, 0].mean(), wrong[wrong[:, 1] > 0, 0].mean(), wrong[:, 2].sum() / len(messages)
            told.append("{:.3f} of all words, {:.3f} of these, {:.1f} bits a caption".format(*of))
        print(f"--scc {rule} --decoder {decoder} --ber {ber}: as written {told[0]}; replaced {told[1]}")


def draw(rule: str) -> None:
    """Print the mean score of Bob's pictures of captions as written and replaced, and of their difference."""
    with TemporaryDirectory() as folder:
        models = Models(load_profile("storybook"), resolve_compute("cpu", "auto", "auto"))
        workspace = Workspace(Store(f"sqlite:///{folder}/lsc.sqlite"), models)
        pipeline = Pipeline(workspace, Selection())
        pipeline.register(read_dataset(CAPTIONS.parent), None, ["dataset"])
        rows = pipeline.captions("dataset")
        coded = semantic_coder(models, resolved(scc=rule)).captions([row.text for row in rows], models.parser)
        judge = Judge(workspace, workspace.seeds()[0])
        images = pipeline.images
        scores = [
            judge.scores([(images[row.image_id], prompt) for row, prompt in zip(rows, prompts, strict=True)])
            for prompts in (
                [" ".join(row.words) for row in rows],
                [" ".join(word.sent for word in words) for words in coded],
            )
        ]
        workspace.store.close()
    table = np.array(scores, np.float64).T
    table = np.column_stack([table, table[:, 1] - table[:, 0]])
    low, high = t_intervals(table)
    changed = int((table[:, 2] != 0).sum())
    print(f"{judge.metric_name} of full captions, {len(table)} scenes, of which {changed} differ:")
    for column, name in enumerate(("as written", f"--scc {rule}", "difference")):
        mean = table[:, column].mean()
        print(f"  {name:14} {mean:.4f} [{low[column]:.4f}, {high[column]:.4f}]")


def main() -> None:
    """Print cosines of related words, and what each rule replaces in the captions of the example scenes."""
    models = Models(load_profile("storybook"), resolve_compute("cpu", "auto", "auto"))
    pairs = related(frozenset(shipped("storybook").words))
    models.word_states.learn({word for pair in pairs for word in pair})
    for truth, name in ((True, "one meaning"), (False, "another")):
        cosines = sorted((models.word_states.cosine(*pair), pair) for pair in pairs if pairs[pair] is truth)
        ends = " and ".join("/".join(pair) for _, pair in (cosines[0], cosines[-1]))
        print(f"{name}: {len(cosines)} pairs, cosine {cosines[0][0]:.3f} to {cosines[-1][0]:.3f}; {ends}")
    with CAPTIONS.open(encoding="utf-8") as stream:
        rows = [(line["image"], line["caption"]) for line in csv.DictReader(stream)]
    for rule in SCC_RULES:
        report("all captions", models, [text for _, text in rows], rule)
        report("first captions", models, list(dict(reversed(rows)).values()), rule)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--draw"]:
        draw(sys.argv[2])
    elif sys.argv[1:] == ["--noise"]:
        noise()
    else:
        main()

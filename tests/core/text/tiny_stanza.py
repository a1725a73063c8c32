"""A whole Stanza pipeline, made in seconds: tokenizer, tagger and parser that know three sentences by heart.

python -m tests.core.text.tiny_stanza DIR
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

# Words, Penn tags, universal tags, governors from 1 (0 a root), labels.
SENTENCES = (
    ("a dog runs on the grass", "DT NN VBZ IN DT NN", "DET NOUN VERB ADP DET NOUN", "2 3 0 6 6 3",
     "det nsubj root case det obl"),
    ("the brown cat is on a table", "DT JJ NN VBZ IN DT NN", "DET ADJ NOUN AUX ADP DET NOUN", "3 3 7 7 7 7 0",
     "det amod nsubj cop case det root"),
    ("people sit next to a bench", "NNS VBP RB IN DT NN", "NOUN VERB ADV ADP DET NOUN", "2 0 6 3 6 2",
     "nsubj root case fixed det obl"),
)  # fmt: skip


def conllu() -> str:
    """The sentences in CoNLL-U."""
    lines = []
    for sentence in SENTENCES:
        rows = zip(*(column.split() for column in sentence), strict=True)
        lines += [
            "\t".join([str(at), word, word, kind, tag, "_", governor, label, "_", "_"])
            for at, (word, tag, kind, governor, label) in enumerate(rows, 1)
        ]
        lines.append("")
    return "\n".join([*lines, ""])


def make(folder: Path) -> None:
    """Resources as Stanza keeps them: resources.json and en/, the lemma of each word being itself."""
    from stanza.models import parser, tagger, tokenizer

    work, models = folder / "work", folder / "en"
    work.mkdir(parents=True)
    texts = [sentence[0] for sentence in SENTENCES]
    # Of each character: 2 ends a sentence, 1 a token.
    ends = ["".join("1" if after == " " else "0" for after in text[1:]) + "2" for text in texts]
    for name, content in {
        "all.conllu": conllu(),
        "all.txt": "\n\n".join([*texts, ""]),
        "all.label": "\n\n".join([*ends, ""]),
        "mwt.json": "[]",
    }.items():
        (work / name).write_text(content, encoding="utf-8")
    data, text, labels = (str(work / f"all.{kind}") for kind in ("conllu", "txt", "label"))
    common = ["--cpu", "--lang", "en", "--shorthand", "en_tiny", "--save_name", "tiny.pt", "--dropout", "0"]
    tokenizer.main(
        [*common, "--txt_file", text, "--label_file", labels, "--mwt_json_file", str(work / "mwt.json"),
         "--dev_txt_file", text, "--dev_label_file", labels, "--dev_conll_gold", data,
         "--conll_file", str(work / "told.conllu"), "--unit_dropout", "0", "--lr0", "0.02",
         "--steps", "200", "--eval_steps", "200", "--save_dir", str(models / "tokenize")]
    )  # fmt: skip
    small = [
        *common, "--train_file", data, "--eval_file", data, "--output_file", str(work / "told.conllu"),
        "--no_pretrain", "--hidden_dim", "32", "--char_hidden_dim", "16", "--word_emb_dim", "16",
        "--char_emb_dim", "8", "--transformed_dim", "16", "--num_layers", "1", "--word_dropout", "0",
        "--deep_biaff_hidden_dim", "32", "--batch_size", "500",
    ]  # fmt: skip
    tagger.main(
        [*small, "--composite_deep_biaff_hidden_dim", "32", "--max_steps", "40", "--eval_interval", "40",
         "--lr", "0.02", "--save_dir", str(models / "pos")]
    )  # fmt: skip
    parser.main(
        [*small, "--max_steps", "80", "--eval_interval", "80", "--optim", "adam", "--lr", "0.01",
         "--no_second_optim", "--no_checkpoint", "--save_dir", str(models / "depparse")]
    )  # fmt: skip
    steps = dict.fromkeys(("tokenize", "pos", "depparse"), "tiny")
    told = {step: {"tiny": {}} for step in steps}
    default = {"default": {**steps, "lemma": "identity"}}
    resources = {"en": {"lang_name": "English", **told, "lemma": {}, "packages": default}}
    (folder / "resources.json").write_text(json.dumps(resources), encoding="utf-8")


if __name__ == "__main__":
    make(Path(sys.argv[1]))

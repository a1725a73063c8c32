from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from lsccli.core.errors import LscError
from lsccli.core.models.profile import Profile, load_profile
from lsccli.core.scc.closeness import WordStates
from lsccli.core.text.encoder import load_language_model, load_text_encoder
from tests.tiny import make_xl_pipeline

pytestmark = pytest.mark.usefixtures("no_network")
TEXT = "a brown dog is running"


def profile_with(tiny_profile: Path, tmp_path: Path, **tables: str) -> Profile:
    path = tmp_path / "other.toml"
    lines = [f"[{role}]\n{entries}\n" for role, entries in tables.items()]
    path.write_text("\n".join(lines).replace("HERE", str(tiny_profile.parent)), encoding="utf-8")
    return load_profile(str(path))


def attention(model: Any, tokenizer: Any) -> torch.Tensor:
    """(layers, heads, tokens, tokens) of `TEXT`, whose rows sum to one."""
    inputs = tokenizer([TEXT], return_tensors="pt")
    with torch.no_grad():
        output = model(
            input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"], output_attentions=True
        )
    stacked = torch.cat(list(output.attentions))
    torch.testing.assert_close(stacked.sum(-1), torch.ones(stacked.shape[:-1]))
    return stacked


def test_text_encoder_is_the_one_inside_the_receiver(tiny_profile: Path) -> None:
    model, tokenizer = load_text_encoder(load_profile(str(tiny_profile)), "cpu")
    assert type(model).__name__ == "CLIPTextModel"
    assert model.dtype == torch.float32
    found = attention(model, tokenizer)
    assert found.shape[:2] == (2, 2)
    assert not found.triu(1).any(), "CLIP's text encoder looks back only"
    assert tokenizer(TEXT, return_offsets_mapping=True)["offset_mapping"][1] == (0, 1)


def test_one_of_several_text_encoders(tiny_profile: Path, tmp_path: Path) -> None:
    make_xl_pipeline(tmp_path / "xl")
    second = 'model = "xl"\nsubfolder = "text_encoder_2"\ntokenizer = "tokenizer_2"'
    both = [
        load_text_encoder(profile_with(tiny_profile, tmp_path, text_encoder=table), "cpu")
        for table in ('model = "xl"', second)
    ]
    assert [type(model).__name__ for model, _ in both] == ["CLIPTextModel", "CLIPTextModelWithProjection"]
    assert not torch.allclose(attention(*both[0]), attention(*both[1]))


def test_text_tower_of_a_whole_clip(tiny_profile: Path, tmp_path: Path) -> None:
    from transformers import CLIPModel

    table = 'model = "HERE/clip"\nsubfolder = ""\ntokenizer = ""'
    model, tokenizer = load_text_encoder(profile_with(tiny_profile, tmp_path, text_encoder=table), "cpu")
    whole = CLIPModel.from_pretrained(tiny_profile.parent / "clip", attn_implementation="eager")
    torch.testing.assert_close(attention(model, tokenizer), attention(whole.eval().text_model, tokenizer))


def test_t5_encoder_without_its_decoder(tiny_profile: Path, tmp_path: Path) -> None:
    from transformers import T5Config, T5EncoderModel

    torch.manual_seed(0)
    config = T5Config(vocab_size=200, d_model=16, d_kv=8, d_ff=32, num_layers=2, num_heads=2)
    T5EncoderModel(config).save_pretrained(tmp_path / "t5" / "text_encoder")
    from tests.tiny import wordpiece

    wordpiece().save_pretrained(tmp_path / "t5" / "tokenizer")
    profile = profile_with(tiny_profile, tmp_path, text_encoder='model = "t5"')
    model, tokenizer = load_text_encoder(profile, "cpu")
    assert attention(model, tokenizer).triu(1).any()
    # A model without a table of positions says how close words are, too.
    assert WordStates(model, tokenizer).cosine("dog", "dog") == 1.0
    assert WordStates(model, tokenizer).cosine("dog", "grass") < 1.0


def test_a_missing_folder_says_which_setting_names_it(tiny_profile: Path, tmp_path: Path) -> None:
    table = 'model = "HERE/receiver"\nsubfolder = "text_encoder_7"'
    with pytest.raises(LscError, match=r"text_encoder_7.*subfolder under \[text_encoder\]"):
        load_text_encoder(profile_with(tiny_profile, tmp_path, text_encoder=table), "cpu")


def test_language_model_is_bert(tiny_profile: Path) -> None:
    model, tokenizer = load_language_model(load_profile(str(tiny_profile)), "cpu")
    assert type(model).__name__ == "BertModel"
    assert attention(model, tokenizer).triu(1).any(), "BERT looks both ways"


def test_language_model_is_the_matcher_without_the_image(tiny_profile: Path, tmp_path: Path) -> None:
    table = 'model = "HERE/matcher"'
    profile = profile_with(tiny_profile, tmp_path, language_model=table)
    model, tokenizer = load_language_model(profile, "cpu")
    assert type(model).__name__ == "BlipTextModel"
    found = attention(model, tokenizer)
    assert found.shape[:2] == (2, 2)
    assert found.triu(1).any(), "without an image it looks both ways"

"""The training that goes further: what is grown draws the same, and a copy can be finished at any time."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from training import autoencoder, common, further, painter, receiver

SHIPPED = Path(further.__file__).resolve().parent.parent / "lsccli" / "bundle" / "storybook" / "receiver"
pytestmark = pytest.mark.skipif(not SHIPPED.exists(), reason="the shipped receiver is the start")


def test_what_is_grown_draws_the_same() -> None:
    torch.manual_seed(1)
    old = painter.make_unet(32).eval()
    new = further.grown_unet(old).eval()
    noisy, more, states = torch.randn(2, 12, 16, 16), torch.randn(2, 4, 16, 16), torch.randn(2, 5, 32)
    with torch.no_grad():
        before = old(noisy, 500, encoder_hidden_states=states).sample
        after = new(torch.cat([noisy, more], 1), 500, encoder_hidden_states=states).sample
    torch.testing.assert_close(after[:, :12], before, atol=1e-5, rtol=1e-4)
    assert not after[:, 12:].any()


def test_the_first_components_stay_when_there_are_more() -> None:
    old, new = autoencoder.make(), further.grown_autoencoder(autoencoder.make())
    pictures = torch.rand(2, 3, 64, 64) * 2 - 1
    with torch.no_grad():
        before, after = old.encode(pictures).latents, new.encode(pictures).latents
    assert after.shape == (2, 16, 16, 16)
    torch.testing.assert_close(after[:, :12], before, atol=1e-5, rtol=1e-4)


def test_it_resumes_and_a_copy_is_finished(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.set_num_threads(1)
    monkeypatch.setattr(receiver, "measure", lambda *arguments: {})
    monkeypatch.setattr(further, "Reader", lambda: None)
    with pytest.raises(FileNotFoundError, match="nothing to finish"):
        further.train(1e-4, 2, 1, 1e-3)
    for steps in (1, 2):
        further.train(None, 2, 1, 1e-3, minutes=1e-4)
        saved = common.load_checkpoint(work / "further.pt")
        assert saved is not None
        assert saved["step"] == saved["trainer"]["steps"] == steps
    further.train(1e-4, 2, 1, 1e-3)
    finished = common.load_checkpoint(work / "further-cooled.pt")
    again = common.load_checkpoint(work / "further.pt")
    assert finished is not None
    assert again is not None
    assert (finished["begun"], finished["step"], again["step"]) == (2, 3, 2)
    monkeypatch.setattr(autoencoder, "measure", lambda *arguments: 0.0)
    further.train_decoder(1e-4, 2, 1, 1e-3)
    assert (work / "further-decoder.pt").exists()
    pictures = painter.generate(further.load(), ["a red ball"], exact=True)
    assert pictures.shape == (1, 3, 64, 64)

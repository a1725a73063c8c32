import socket
import time
import urllib.error
import warnings

import numpy as np
import pytest

from lsccli.core.errors import MissingModelError
from lsccli.core.metrics import lpips_metric
from lsccli.core.metrics.base import METRICS, sha256_of


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """An empty torchvision cache and no network."""

    def closed(*args, **kwargs):
        raise urllib.error.URLError("network is closed")

    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr("urllib.request.urlopen", closed)
    (tmp_path / "hub" / "checkpoints").mkdir(parents=True)
    return tmp_path / "hub" / "checkpoints"


def trained(hub, monkeypatch):
    """A SqueezeNet with weights of our own making, in a file named after its digest, as torchvision's are."""
    import torch
    from torchvision.models import SqueezeNet1_1_Weights, squeezenet1_1

    torch.manual_seed(0)
    file = hub / "weights"
    torch.save(squeezenet1_1().state_dict(), file)
    name = f"squeezenet1_1-{sha256_of(file)[:8]}.pth"
    monkeypatch.setattr(METRICS.find("lpips-squeeze").make, "backbone", name)
    weights = SqueezeNet1_1_Weights.IMAGENET1K_V1
    moved = weights.value.__class__(url=lpips_metric.HUB + name, transforms=None, meta=weights.meta)
    monkeypatch.setattr(weights, "_value_", moved)
    return file.rename(hub / name)


def test_agrees_with_the_package(hub, pictures, monkeypatch, capsys):
    import lpips
    import torch

    trained(hub, monkeypatch)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        metric = METRICS.find("lpips-squeeze").make("cpu")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = lpips.LPIPS(net="squeeze", verbose=False)

    def tensor(images):
        return torch.from_numpy(images.copy()).permute(0, 3, 1, 2).float() / 127.5 - 1

    for others in (pictures[::-1], np.roll(pictures, 3, axis=1)):
        ours = metric.compare(metric.features(pictures), metric.features(others))
        with torch.no_grad():
            expected = theirs(tensor(pictures), tensor(others)).flatten().tolist()
        assert max(expected) > 0.01
        assert ours == pytest.approx(expected, abs=1e-6)
    features = metric.features(pictures)
    assert metric.compare(features, features) == [0] * 5
    assert capsys.readouterr() == ("", "")
    with pytest.raises(ValueError, match="at least 17 px"):
        metric.features(pictures[:, :16])


@pytest.mark.parametrize("net", ["alex", "vgg", "squeeze"])
def test_with_the_network_closed_one_line_says_what_to_do(net, hub, capsys):
    start = time.perf_counter()
    with pytest.raises(MissingModelError) as caught:
        METRICS.find(f"lpips-{net}").make("cpu")
    message = str(caught.value)
    assert "\n" not in message
    assert "network is closed" in message
    assert f"lpips-{net}" in message
    assert str(hub) in message
    assert "stlpips-alex" in message
    assert time.perf_counter() - start < 5
    assert capsys.readouterr() == ("", "")
    assert list(hub.iterdir()) == []


def test_a_server_that_never_answers_is_given_up(tmp_path, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("TORCH_HOME", str(tmp_path))
        monkeypatch.setattr(lpips_metric, "HUB", f"http://127.0.0.1:{silent.getsockname()[1]}/")
        monkeypatch.setattr(lpips_metric, "PATIENCE", 0.3)
        with pytest.raises(MissingModelError, match="timed out"):
            METRICS.find("lpips-alex").make("cpu")


def test_a_damaged_backbone_is_not_used(hub, monkeypatch):
    file = trained(hub, monkeypatch)
    file.write_bytes(file.read_bytes()[:-1000])
    with pytest.raises(MissingModelError, match="damaged"):
        METRICS.find("lpips-squeeze").make("cpu")


def test_identity_is_the_same_before_and_after_the_download(hub, monkeypatch):
    before = METRICS.find("lpips-vgg").identity()
    (hub / "vgg16-397923af.pth").write_bytes(b"")
    assert METRICS.find("lpips-vgg").identity() == before
    assert before["backbone"] == "vgg16-397923af.pth"

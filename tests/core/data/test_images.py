import numpy as np
from PIL import Image

from lsccli.core.data.images import to_rgb


def test_pictures_of_other_kinds_become_what_a_viewer_shows():
    clear = Image.new("RGBA", (4, 4), (255, 0, 0, 0))
    assert to_rgb(clear).getpixel((0, 0)) == (255, 255, 255)
    half = Image.new("LA", (4, 4), (0, 255))
    assert to_rgb(half).getpixel((0, 0)) == (0, 0, 0)
    deep = Image.fromarray(np.full((4, 4), 0x8000, np.uint16))
    assert to_rgb(deep).getpixel((0, 0)) == (128, 128, 128)
    palette = Image.new("RGB", (4, 4), (10, 200, 30)).quantize(4)
    assert np.abs(np.subtract(to_rgb(palette).getpixel((0, 0)), (10, 200, 30))).max() <= 4


def test_a_photograph_is_turned_as_its_exif_tag_says(tmp_path):
    image = Image.new("RGB", (20, 10))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be shown turned by 90 degrees
    image.save(tmp_path / "a.jpg", exif=exif)
    with Image.open(tmp_path / "a.jpg") as turned:
        assert to_rgb(turned).size == (10, 20)

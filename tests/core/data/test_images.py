"""Pictures of every mode as a viewer shows them, against values worked out by hand."""

import numpy as np
import pytest
from PIL import Image, ImageCms

from lsccli.core.data.images import PictureError, to_rgb


def pixel(image, at=(0, 0)):
    return to_rgb(image).getpixel(at)


def test_pictures_of_other_kinds_become_what_a_viewer_shows():
    clear = Image.new("RGBA", (4, 4), (255, 0, 0, 0))
    assert pixel(clear) == (255, 255, 255)
    assert pixel(Image.new("RGBA", (4, 4), (255, 0, 0, 51))) == (255, 204, 204)
    assert pixel(Image.new("LA", (4, 4), (0, 255))) == (0, 0, 0)
    assert pixel(Image.new("LA", (4, 4), (0, 0))) == (255, 255, 255)
    assert pixel(Image.new("1", (4, 4), 1)) == (255, 255, 255)
    assert pixel(Image.new("CMYK", (4, 4), (255, 0, 0, 0))) == (0, 255, 255)
    palette = Image.new("RGB", (4, 4), (10, 200, 30)).quantize(4)
    assert np.abs(np.subtract(pixel(palette), (10, 200, 30))).max() <= 4
    palette.info["transparency"] = palette.getpixel((0, 0))
    assert pixel(palette) == (255, 255, 255)
    srgb, lab_profile = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    lab = ImageCms.applyTransform(
        Image.new("RGB", (4, 4), (255, 0, 0)),
        ImageCms.buildTransform(srgb, lab_profile, "RGB", "LAB"),
    )
    assert lab.mode == "LAB"
    assert np.abs(np.subtract(pixel(lab), (255, 0, 0))).max() <= 6  # of 8 bits each


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        (np.array([[0, 255, 256, 0x8000, 65535]], np.uint16), [0, 0, 1, 128, 255]),
        (np.array([[0, 255, 256, 0x8000, 65535]], np.int32), [0, 0, 1, 128, 255]),
        (np.array([[0, 0, 0, 0, 0]], np.int32), [0, 0, 0, 0, 0]),
        (np.array([[0, 0.2, 0.5, 1, 1 + 1e-6]], np.float32), [0, 51, 128, 255, 255]),
    ],
)
def test_greys_of_more_than_8_bits_are_scaled(values, shown):
    assert [pixel(Image.fromarray(values), (x, 0)) for x in range(5)] == [(grey,) * 3 for grey in shown]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.array([[-1, 200]], np.int32), "numbers from -1 to 200, and only 0 to 65535"),
        (np.array([[0, 65536]], np.int32), "numbers from 0 to 65536, and only 0 to 65535"),
        (np.array([[0, 255]], np.int32), "numbers from 0 to 255, which may be of 8 bits or of 16"),
        (np.array([[0, 255]], np.float32), "numbers from 0 to 255, and only 0 to 1"),
        (np.array([[-0.5, 0.5]], np.float32), "numbers from -0.5 to 0.5, and only 0 to 1"),
        (np.array([[0.5, np.nan]], np.float32), "no numbers"),
        (np.array([[0.5, np.inf]], np.float32), "to inf, and only 0 to 1"),
    ],
)
def test_numbers_that_could_only_be_guessed_at_are_refused(values, message):
    with pytest.raises(PictureError, match=message):
        to_rgb(Image.fromarray(values))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photograph_is_turned_as_its_exif_tag_says(tmp_path, orientation):
    from PIL import ImageOps

    image = Image.fromarray(np.arange(600, dtype=np.uint8).reshape(10, 20, 3) // 8 * 8)
    exif = Image.Exif()
    exif[0x0112] = orientation
    image.save(tmp_path / "a.png", exif=exif)
    with Image.open(tmp_path / "a.png") as turned:
        rgb = to_rgb(turned)
        assert rgb.size == ((10, 20) if orientation > 4 else (20, 10))
        assert np.array_equal(rgb, ImageOps.exif_transpose(turned))
        assert to_rgb(rgb) is rgb  # and not turned again


def test_a_picture_outlives_its_file_and_is_no_copy_of_another(tmp_path):
    Image.new("RGB", (8, 6), "teal").save(tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as image:
        rgb = to_rgb(image)
    assert rgb.getpixel((0, 0)) == (0, 128, 128)
    assert to_rgb(rgb) is rgb


def test_scaled_down_by_its_shorter_side_and_never_up():
    image = Image.new("RGBA", (90, 30), (255, 0, 0, 0))
    assert to_rgb(image, 10).size == (30, 10)
    assert to_rgb(image, 10).getpixel((5, 5)) == (255, 255, 255)
    assert to_rgb(image, 30).size == (90, 30)
    assert to_rgb(Image.new("RGB", (3000, 2), "red"), 1).size == (1500, 1)

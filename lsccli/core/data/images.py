"""Pictures of any kind as everything here sees them: models, metrics and figures alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lsccli.core.errors import LscError

if TYPE_CHECKING:
    from PIL import Image

_ORIENTATION = 0x0112
_BITS, _PHOTOMETRIC, _WHITE_IS_ZERO = 258, 262, 0  # of TIFF


class PictureError(LscError):
    """A picture that cannot be read, or not without guessing: one line that says why and what to do."""


def to_rgb(image: Image.Image, at_most: int | None = None) -> Image.Image:
    """The image as a viewer shows it: turned as its EXIF tag says, transparency over white, 8-bit RGB.

    Of numbers of 12 or 16 bits, and of 32 up to 65535, the upper 8 bits are shown; floating-point numbers in
    0…1 are multiplied by 255. Where the shorter side is longer than `at_most` pixels, all is scaled to that.

    Raises:
        PictureError: numbers in another range, which could only be guessed at.
    """
    from PIL import Image

    plain = type(image) is Image.Image and image.mode == "RGB" and not image.info
    if plain and (at_most is None or min(image.size) <= at_most):
        return image  # a copy of each of a batch's photographs would fill the memory
    image.load()  # before its EXIF is looked at, which would swallow that it is broken
    turn = orientation(image)
    rgb = _scaled_down(_eight_bit(image), at_most)
    if rgb.mode == "RGBA":
        rgb = Image.alpha_composite(Image.new("RGBA", rgb.size, "white"), rgb).convert("RGB")
    if turn is not None:
        rgb = rgb.transpose(turn)
    if rgb is image:
        rgb = image.copy()
    rgb.info = {}
    return rgb


def orientation(image: Image.Image) -> Image.Transpose | None:
    """How the image is to be turned for showing; None where it is not, or where its EXIF cannot be read."""
    from PIL.Image import Transpose

    try:
        turns = {
            2: Transpose.FLIP_LEFT_RIGHT,
            3: Transpose.ROTATE_180,
            4: Transpose.FLIP_TOP_BOTTOM,
            5: Transpose.TRANSPOSE,
            6: Transpose.ROTATE_270,
            7: Transpose.TRANSVERSE,
            8: Transpose.ROTATE_90,
        }
        return turns.get(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # EXIF is written by many; Pillow raises nearly anything (SyntaxError, struct.error, …)
        return None


def _eight_bit(image: Image.Image) -> Image.Image:
    """The image in mode RGB, or RGBA where it is transparent."""
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        return _from_numbers(image)
    if image.mode == "La":
        image = image.convert("LA")
    if image.has_transparency_data:
        return image.convert("RGBA")
    return image if image.mode == "RGB" else image.convert("RGB")


def _from_numbers(image: Image.Image) -> Image.Image:
    """Greys of more than 8 bits, which Pillow itself would clip: nearly all of them to white, or to black."""
    from PIL import Image

    values = np.asarray(image)
    tags: Any = getattr(image, "tag_v2", {})
    low, high = values.min(), values.max()
    if image.mode == "F":
        half = 0.5 / 255
        if not (low >= -half and high <= 1 + half):  # so that NaN is refused too
            what = "no numbers (NaN)" if np.isnan(low) else f"numbers from {low:.4g} to {high:.4g}"
            raise PictureError(
                f"its floating-point pixels hold {what}, and only 0 to 1 is read: save it in 8 bits"
            )
        grey = np.rint(np.clip(values, 0, 1) * np.float32(255)).astype(np.uint8)
    else:
        if low < 0 or high > 65535:
            raise PictureError(f"its pixels are numbers from {low} to {high}, and only 0 to 65535 is read: "
                               "save it in 8 or 16 bits")  # fmt: skip
        if image.mode == "I" and 0 < high <= 255:
            # As 16 bits it would be black, as 8 bits perhaps 256 times too bright.
            raise PictureError(f"its 32-bit pixels are numbers from {low} to {high}, which may be of 8 bits "
                               "or of 16: save it in 8 bits")  # fmt: skip
        bits = tags.get(_BITS)
        used = 12 if bits == (12,) else 15 if image.mode == "I" and bits == (16,) else 16  # 15: with a sign
        grey = (values >> (used - 8)).astype(np.uint8)
    if tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO:
        grey = 255 - grey
    rgb = Image.fromarray(grey).convert("RGB")
    clear = image.info.get("transparency")
    if isinstance(clear, int):
        rgb.putalpha(Image.fromarray(np.where(values == clear, 0, 255).astype(np.uint8)))
    return rgb


def _scaled_down(image: Image.Image, at_most: int | None) -> Image.Image:
    from PIL import Image

    shorter = min(image.size)
    if at_most is None or shorter <= at_most:
        return image
    width, height = (max(1, round(side * at_most / shorter)) for side in image.size)
    return image.resize((width, height), Image.Resampling.BICUBIC)

"""The one place that decodes pictures: for registering, captioning, matching, scoring and figures."""

from __future__ import annotations

from contextlib import suppress
from io import BytesIO
from math import ceil

from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.Image import DecompressionBombError, Image
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from lsccli.core.data.images import PictureError, to_rgb

__all__ = ["AT_MOST", "MOST_PIXELS", "PictureError", "decode", "size_of"]

MOST_PIXELS = 200_000_000  # the largest telephone cameras; 0.6 GB as RGB
# For what a model or a metric will read: four times the 512 pixels of the largest that a profile names.
AT_MOST = 2048


class _Tiff(TiffImageFile):
    """A TIFF whose EXIF does not keep its pixels from being read, and which is turned by `to_rgb` alone."""

    def load_end(self) -> None:
        with suppress(Exception):
            self.getexif()  # kept: the file is closed afterwards


# Told by the first bytes, whatever the suffix. Pillow's own list has formats that start other programs (EPS),
# and its limit for the number of pixels is global, and below what telephones make.
_FORMATS: dict[bytes, type[ImageFile]] = {
    b"\xff\xd8\xff": JpegImageFile,
    b"\x89PNG\r\n\x1a\n": PngImageFile,
    b"GIF87a": GifImageFile,
    b"GIF89a": GifImageFile,
    b"BM": BmpImageFile,
    b"II*\0": _Tiff,
    b"MM\0*": _Tiff,
    b"II+\0": _Tiff,
    b"MM\0+": _Tiff,
}
_SAVE = "save it as PNG or JPEG"
_OTHERS = {
    b"%!PS": f"an EPS or PostScript file: {_SAVE}",
    b"\xc5\xd0\xd3\xc6": f"an EPS file: {_SAVE}",
    b"%PDF": f"a PDF: {_SAVE}",
    b"DDS ": f"a DDS texture: {_SAVE}",
    b"8BPS": f"a Photoshop file: {_SAVE}",
    b"\0\0\1\0": f"an icon file: {_SAVE}",
    b"\0\0\0\x0cjP": f"a JPEG 2000 file: {_SAVE}",
    b"<": f"a web page or an SVG drawing: {_SAVE}",
    b"version https://git-lfs": "a pointer of Git LFS and not the picture: run git lfs pull",
}
_NATIVE = {"F;32F": "F;32NF", "F;32BF": "F;32NF", "I;32S": "I;32NS", "I;32BS": "I;32NS",
           "I;16S": "I;16NS", "I;16BS": "I;16NS"}  # fmt: skip
_BRANDS = {b"avif": "AVIF", b"avis": "AVIF", b"heic": "HEIC", b"heix": "HEIC", b"mif1": "HEIC"}


def decode(content: bytes, at_most: int | None = None) -> Image:
    """The picture in a file's bytes as 8-bit RGB, as `to_rgb` shows it; of an animation the first frame.

    JPEG, PNG, WebP, BMP, TIFF and GIF are read, of at most `MOST_PIXELS` pixels. With `at_most` a picture
    whose shorter side is longer than that is scaled down to it, a JPEG as it is read, so that many can be
    held. Models and metrics reduce it further, from `AT_MOST` by four times or more, and see no difference.

    Raises:
        PictureError: another format, a damaged or truncated file, too many pixels, numbers out of range; no
            other error, whatever the bytes are.
    """
    try:
        image = _open(content)
        if at_most is not None and isinstance(image, JpegImageFile) and min(image.size) > at_most:
            width, height = (ceil(side * at_most / min(image.size)) for side in image.size)
            image.draft(None, (width, height))  # never below that size
        if isinstance(image, PngImageFile):
            _scale_clear(image, content[24])
        if isinstance(image, TiffImageFile):
            _in_native_order(image)
        return to_rgb(image, at_most)
    except PictureError:
        raise
    except Exception as error:  # Pillow, its plug-ins and their libraries raise nearly anything
        raise PictureError(_reason(error)) from error


def size_of(content: bytes) -> tuple[int, int]:
    """Width and height in pixels as the file's header has them, before turning; the pixels are not decoded.

    Raises:
        PictureError: as `decode` does, as far as the header tells.
    """
    try:
        return _open(content).size
    except PictureError:
        raise
    except Exception as error:
        raise PictureError(_reason(error)) from error


def _open(content: bytes) -> ImageFile:
    kind = next((found for start, found in _FORMATS.items() if content.startswith(start)), None)
    if kind is None and content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        kind = WebPImageFile
    if kind is None:
        raise PictureError(_other(content))
    image = kind(BytesIO(content), "")
    width, height = image.size
    if width < 1 or height < 1:
        raise PictureError(f"it has no pixels ({width}x{height}): save it anew")
    if width * height > MOST_PIXELS:
        raise PictureError(
            f"it has {width}x{height} = {width * height / 1e6:.0f} megapixels, and at most "
            f"{MOST_PIXELS // 10**6} are read: make it smaller"
        )
    return image


def _scale_clear(image: ImageFile, bits: int) -> None:
    """The grey or colour that a PNG calls transparent on the scale of the decoded pixels: 8 bits, or I;16."""
    clear = image.info.get("transparency")
    if isinstance(clear, int) and bits in (2, 4) and image.mode == "L":
        image.info["transparency"] = clear * 255 // (2**bits - 1)
    elif isinstance(clear, tuple) and bits == 16:
        image.info["transparency"] = tuple(value >> 8 for value in clear)


def _in_native_order(image: ImageFile) -> None:
    """Have the numbers of a compressed TIFF taken as libtiff gives them: in this machine's order of bytes.

    Pillow does so for 16 bits, and turns the others of a big-endian file around: its floats become zero.
    """
    image.tile = [
        tile._replace(args=(_NATIVE.get(tile.args[0], tile.args[0]), *tile.args[1:]))
        if tile.codec_name == "libtiff" and isinstance(tile.args, tuple)
        else tile
        for tile in image.tile
    ]


def _other(content: bytes) -> str:
    """What a file is that is no picture of a known format, and what to do."""
    if not content:
        return "the file is empty: fetch it again"
    if content[4:8] == b"ftyp" and content[8:12] in _BRANDS:
        return f"{_BRANDS[content[8:12]]}, which is not read here: {_SAVE}"
    for start, what in _OTHERS.items():
        if content.startswith(start):
            return f"it is {what}"
    return f"unknown or damaged format: {_SAVE}"


def _reason(error: Exception) -> str:
    if isinstance(error, MemoryError):
        return "it needs more memory than there is: make it smaller"
    if isinstance(error, DecompressionBombError):  # of a frame, a tile or a canvas
        return f"it has more than the {MOST_PIXELS // 10**6} megapixels that are read: make it smaller"
    lines = str(error).splitlines()
    detail = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in lines[0][:120]) if lines else ""
    # Pillow names the buffer, which says nothing to a user.
    known = f" ({detail})" if detail and "BytesIO" not in detail else ""
    return f"damaged, or of a kind that cannot be read{known}: {_SAVE}"

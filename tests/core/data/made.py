"""Pictures and their files, for the tests of what reads them."""

from io import BytesIO

import numpy as np
from PIL import Image

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF")


def scene(width=40, height=30):
    """A smooth picture, of which no two rows or columns are the same."""
    x, y = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    return Image.fromarray((np.stack([x, y, x * y], axis=-1) * 255).astype(np.uint8))


def saved(image, kind, **options):
    """The file of a picture."""
    stream = BytesIO()
    image.save(stream, format=kind, **options)
    return stream.getvalue()

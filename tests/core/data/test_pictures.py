"""The decoder: formats, limits and numbers against hand-made files; mutated files by the thousand."""

import random
import struct
import threading
import zlib
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageOps

from lsccli.core.data.images import to_rgb
from lsccli.core.data.pictures import AT_MOST, MOST_PIXELS, PictureError, decode, size_of
from tests.core.data.made import FORMATS, saved, scene


def png(width, height, bits, kind, rows, **chunks):
    """A PNG made by hand."""

    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, 0)
    more = b"".join(chunk(name.encode(), body) for name, body in chunks.items())
    body = chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + more + body + chunk(b"IEND", b"")


def tiff(values, order="<", sample_format=1, photometric=1, compression=1, bits=None, width=None):
    """A TIFF of one grey row made by hand: `order` of bytes, 1 whole, 2 signed, 3 floating-point numbers."""
    width = width or len(values)
    data = values.astype(values.dtype.newbyteorder(order)).tobytes()
    data = zlib.compress(data) if compression == 8 else data
    data += b"\0" * (len(data) % 2)
    tags = [
        (256, width), (257, 1), (258, bits or values.itemsize * 8), (259, compression), (262, photometric),
        (273, 8), (277, 1), (278, 1), (279, len(data)), (339, sample_format),
    ]  # fmt: skip
    head = (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, 8 + len(data))
    entries = b"".join(struct.pack(order + "HHIHH", tag, 3, 1, value, 0) for tag, value in tags)
    return head + data + struct.pack(order + "H", len(tags)) + entries + b"\0\0\0\0"


def grey(content):
    return np.asarray(decode(content))[0, :, 0].tolist()


@pytest.mark.parametrize("kind", FORMATS)
def test_each_format_is_read_as_pillow_reads_it(kind):
    content = saved(scene(), kind)
    with Image.open(BytesIO(content)) as image:
        assert np.array_equal(decode(content), image.convert("RGB"))
    assert decode(content).mode == "RGB"
    assert size_of(content) == (40, 30)


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("JPEG", "L"), ("JPEG", "CMYK"), ("PNG", "1"), ("PNG", "LA"), ("PNG", "P"), ("WEBP", "RGBA"),
     ("TIFF", "LAB"), ("TIFF", "CMYK"), ("TIFF", "RGBA"), ("TIFF", "1"), ("BMP", "RGBA"), ("GIF", "P")],
)  # fmt: skip
def test_each_mode_of_each_format_is_shown(kind, mode):
    image = scene()
    if mode == "LAB":
        srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
        image = ImageCms.applyTransform(image, ImageCms.buildTransform(srgb, lab, "RGB", "LAB"))
    else:
        image = image.convert(mode)
    content = saved(image, kind, **({"compression": "tiff_deflate"} if kind == "TIFF" else {}))
    shown = np.asarray(decode(content), float)
    assert np.abs(shown - np.asarray(to_rgb(image), float)).mean() < 4


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("compression", [1, 8])
def test_numbers_of_a_tiff_in_both_orders_of_bytes_compressed_or_not(order, compression):
    options = {"order": order, "compression": compression}
    whole = np.array([0, 256, 0x8000, 65535])
    assert grey(tiff(whole.astype(np.uint16), **options)) == [0, 1, 128, 255]
    assert grey(tiff(whole.astype(np.int32), sample_format=2, **options)) == [0, 1, 128, 255]
    assert grey(tiff((whole // 2).astype(np.int16), sample_format=2, **options)) == [0, 1, 128, 255]
    ramp = np.array([0, 0.25, 0.5, 1], np.float32)
    assert grey(tiff(ramp, sample_format=3, **options)) == [0, 64, 128, 255]
    assert grey(tiff(ramp, sample_format=3, photometric=0, **options)) == [255, 191, 127, 0]
    assert grey(tiff(np.array([0, 255], np.uint8), photometric=0, **options)) == [255, 0]


def test_other_numbers_of_a_tiff():
    assert grey(tiff(np.array([0, 0xFFFF], np.uint16), photometric=0)) == [255, 0]
    packed = np.frombuffer(bytes([0x00, 0x08, 0x00, 0xFF, 0xFF, 0x10]), np.uint8)
    assert grey(tiff(packed, bits=12, width=4)) == [0, 128, 255, 241]
    for dtype in (np.float32, np.float64):
        with pytest.raises(PictureError):
            decode(tiff(np.array([0, 255], dtype), sample_format=3))


def test_transparency_of_a_png_at_each_depth():
    assert grey(png(2, 1, 8, 0, b"\0\x03\x80", tRNS=b"\0\x03")) == [255, 128]
    assert grey(png(2, 1, 4, 0, b"\0\x3a", tRNS=b"\0\x03")) == [255, 170]
    assert grey(png(4, 1, 2, 0, b"\0\x1b", tRNS=b"\0\x01")) == [0, 255, 170, 255]
    assert grey(png(2, 1, 1, 0, b"\0\x40", tRNS=b"\0\x00")) == [255, 255]
    assert grey(png(2, 1, 1, 0, b"\0\x40", tRNS=b"\0\x01")) == [0, 255]
    assert grey(png(2, 1, 16, 0, b"\0\x03\0\x80\0", tRNS=b"\x03\0")) == [255, 128]
    colours = struct.pack(">6H", 0x300, 0x400, 0x500, 0x8000, 0, 0)
    deep = np.asarray(decode(png(2, 1, 16, 2, b"\0" + colours, tRNS=struct.pack(">3H", 0x300, 0x400, 0x500))))
    assert deep[0].tolist() == [[255, 255, 255], [128, 0, 0]]


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF"])
def test_the_first_frame_of_an_animation(kind):
    frames = [Image.new("RGB", (8, 6), colour) for colour in ("red", "blue")]
    content = saved(frames[0], kind, save_all=True, append_images=frames[1:])
    assert np.abs(np.subtract(decode(content).getpixel((2, 2)), (255, 0, 0))).max() <= 2


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "TIFF deflated"])
def test_orientation_is_followed(kind, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    kind, *deflated = kind.split()
    content = saved(scene(), kind, exif=exif, **({"compression": "tiff_deflate"} if deflated else {}))
    with Image.open(BytesIO(content)) as image:
        assert np.array_equal(decode(content), ImageOps.exif_transpose(image).convert("RGB"))
    assert decode(content).size == ((30, 40) if orientation > 4 else (40, 30))


BROKEN_EXIF = [
    b"",
    b"Exif\0\0",
    b"Exif\0\0Exif\0\0MM\0*\0\0\0\x08\0\0",
    rb"b'Exif\x00\x00MM\x00*'",
    b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x02\xff\xff\xff\xff\0\0\0\x08",
    b"Exif\0\0II*\0\xff\xff\xff\xff",
    b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x05\0\0\0\x01\0\0\0\x08",
]


@pytest.mark.parametrize("exif", BROKEN_EXIF)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_orientation_that_cannot_be_read_is_none(kind, exif):
    with_it, without = saved(scene(), kind, exif=exif or b"Exif\0\0"), saved(scene(), kind)
    assert np.array_equal(decode(with_it), decode(without))


def test_exif_of_any_bytes_leaves_the_picture_as_it_is():
    exif = Image.Exif()
    exif[0x0112] = 3
    exif[0x010F] = "maker"
    exif.get_ifd(0x8769)[0x9003] = "2026:01:01 00:00:00"
    exif.get_ifd(0x8825)[1] = "N"
    generator = random.Random(1)
    plain = np.asarray(decode(saved(scene(), "PNG")))
    turns = [plain, plain[::-1], plain[:, ::-1], plain[::-1, ::-1]]
    turns += [turn.transpose(1, 0, 2) for turn in turns]
    for _ in range(500):
        body = bytearray(exif.tobytes())
        for _ in range(generator.randint(1, 6)):
            body[generator.randrange(len(body))] = generator.choice((0, 1, 255, generator.randrange(256)))
        shown = np.asarray(decode(png(40, 30, 8, 2, rows(plain), eXIf=bytes(body[6:]))))
        assert any(np.array_equal(shown, turn) for turn in turns)
    # A TIFF whose tag of EXIF leads nowhere.
    content = bytearray(tiff(np.array([0, 128, 255], np.uint8)))
    assert grey(bytes(content).replace(struct.pack("<HH", 339, 3), struct.pack("<HH", 0x8769, 4))) == [
        0,
        128,
        255,
    ]


def rows(pixels):
    return b"".join(b"\0" + row.tobytes() for row in pixels)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"not a picture", "unknown or damaged format: save it as PNG or JPEG"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n", "EPS"),
        (b"\xc5\xd0\xd3\xc6" + b"\0" * 30, "EPS"),
        (b"\0\0\0\x20ftypavif\0\0\0\0", "AVIF"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC"),
        (b"DDS |\0\0\0" + b"\0" * 120, "DDS"),
        (b"8BPS\0\1", "Photoshop"),
        (b"%PDF-1.7", "PDF"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
        (b"\x89PNG\r\n\x1a\n", "damaged"),
        (b"RIFF\x04\0\0\0WEBP", "damaged"),
        (b"BM", "damaged"),
        (b"GIF89a", "damaged"),
    ],
)
def test_what_is_no_picture_is_told_in_one_line(content, message):
    for read in (decode, size_of):
        with pytest.raises(PictureError, match=message) as caught:
            read(content)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", ["PPM", "TGA", "PCX", "ICO", "DDS", "EPS", "PDF", "SGI", "JPEG2000"])
def test_formats_that_are_not_promised_are_refused_whatever_their_name(kind):
    Image.init()
    if kind not in Image.SAVE:
        pytest.skip(f"this Pillow writes no {kind}")
    with pytest.raises(PictureError):
        decode(saved(scene(), kind))


def test_bombs_are_refused_from_their_header():
    header = saved(scene(), "JPEG")
    start = header.index(b"\xff\xc0")
    bombs = {
        "JPEG": header[: start + 5] + struct.pack(">HH", 20000, 20000) + header[start + 9 :],
        "PNG": png(20000, 20000, 1, 0, b""),
        "GIF": b"GIF89a" + struct.pack("<HH", 20000, 20000) + saved(scene(), "GIF")[10:],
        "BMP": (lambda c: c[:18] + struct.pack("<ii", 20000, 20000) + c[26:])(saved(scene(), "BMP")),
        "TIFF": tiff(np.zeros(4, np.uint8), width=65000).replace(
            struct.pack("<HHIHH", 257, 3, 1, 1, 0), struct.pack("<HHIHH", 257, 3, 1, 65000, 0)
        ),
        "WEBP": b"RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + b"\x1f\x4e\0" * 2 + b"\0" * 12,
    }
    limit = Image.MAX_IMAGE_PIXELS
    for kind, content in bombs.items():
        for read in (decode, size_of):
            with pytest.raises(PictureError, match="megapixels") as caught:
                read(content)
            assert kind == "WEBP" or "and at most 200 are read: make it smaller" in str(caught.value)
    assert limit == Image.MAX_IMAGE_PIXELS
    assert MOST_PIXELS > 16320 * 12240  # a telephone of today


def test_pillows_own_limit_does_not_count(monkeypatch):
    assert size_of(png(16000, 12000, 1, 0, b"")) == (16000, 12000)
    content = saved(scene(), "PNG")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(Image.DecompressionBombError):
        Image.open(BytesIO(content))
    assert decode(content).size == (40, 30)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "BMP"])
def test_a_large_picture_is_brought_to_a_bounded_size_and_looks_the_same(kind):
    image = scene(600, 450)
    content = saved(image, kind)
    small = decode(content, at_most=100)
    assert small.size == (133, 100)
    whole = decode(content).resize((25, 25), Image.Resampling.BICUBIC)
    squashed = small.resize((25, 25), Image.Resampling.BICUBIC)
    assert np.abs(np.subtract(np.asarray(whole, int), np.asarray(squashed, int))).max() <= 2
    assert np.array_equal(decode(content, at_most=450), decode(content))
    assert np.array_equal(decode(content, at_most=AT_MOST), decode(content))


def test_a_photograph_is_never_held_at_full_size():
    content = saved(Image.new("RGB", (4800, 3600), (200, 30, 60)), "JPEG")
    image = decode(content, at_most=400)
    assert image.size == (533, 400)
    assert to_rgb(image) is image  # so that a batch filled up with copies holds one


def test_threads_decode_side_by_side():
    content = [saved(scene(), kind) for kind in FORMATS] + [png(20000, 20000, 1, 0, b"")]
    expected = [outcome(one) for one in content]
    found = []
    threads = [
        threading.Thread(target=lambda: found.append([outcome(one) for one in content])) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 8


def outcome(content):
    try:
        return decode(content).tobytes()
    except PictureError as error:
        return str(error)

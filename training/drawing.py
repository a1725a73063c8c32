"""Drawing scenes: Noto Color Emoji sprites, recoloured, over smooth painted backgrounds."""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from training.scene import Box, Scene, Subject

FONT = Path("/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf")
RGB = {
    "red": (222, 30, 36), "orange": (250, 130, 10), "yellow": (253, 216, 30), "green": (40, 165, 60),
    "blue": (38, 96, 225), "purple": (150, 50, 190), "brown": (128, 76, 36), "black": (46, 46, 52),
    "white": (244, 244, 246),
}  # fmt: skip
_EMOJI = {
    "dog": "🐕", "cat": "🐈", "horse": "🐎", "cow": "🐄", "sheep": "🐑", "rabbit": "🐇", "elephant": "🐘",
    "turtle": "🐢", "duck": "🦆", "bird": "🐦", "butterfly": "🦋", "fish": "🐟", "man": "🧍‍♂️", "woman": "🧍‍♀️",
    "ball": "🏀", "car": "🚗", "bus": "🚌", "bicycle": "🚲", "boat": "⛵", "balloon": "🎈", "umbrella": "☂️",
    "chair": "🪑", "flower": "🌷", "house": "🏠", "guitar": "🎸", "hat": "🎩",
    "man running": "🏃‍♂️", "woman dancing": "💃",
}  # fmt: skip
# Only these parts of a sprite take the colour: (lowest hue, highest hue, lowest saturation).
_PARTS = {
    "man": (0.40, 0.55, 0.35), "man running": (0.40, 0.55, 0.35), "woman dancing": (0.92, 1.055, 0.5),
    "flower": (0.85, 1.05, 0.15),
}  # fmt: skip
# The quantile of lightness that counts as the body: pale coats with dark outlines need a high one.
_BODY = {"sheep": 0.85, "cow": 0.75, "house": 0.6}
# (sky top, sky at the horizon, ground at the horizon, ground bottom, horizon row)
_SCENERY = {
    "meadow": ((90, 170, 240), (190, 225, 250), (130, 200, 90), (80, 165, 60), 34),
    "meadow at night": ((18, 22, 70), (50, 55, 120), (45, 95, 75), (25, 65, 50), 34),
    "beach": ((110, 195, 245), (200, 235, 250), (240, 222, 165), (228, 200, 130), 40),
    "sea": ((150, 205, 245), (225, 240, 250), (60, 150, 205), (20, 85, 150), 26),
    "forest": ((150, 205, 170), (190, 225, 180), (95, 125, 60), (75, 100, 45), 42),
    "snow": ((165, 190, 215), (215, 228, 240), (240, 246, 252), (218, 230, 244), 34),
    "desert": ((250, 190, 110), (255, 228, 170), (232, 180, 100), (210, 150, 70), 36),
    "street": ((170, 210, 240), (210, 230, 245), (120, 120, 126), (95, 95, 102), 42),
    "street at night": ((16, 16, 40), (48, 40, 76), (66, 64, 80), (48, 46, 60), 42),
    "room": ((236, 214, 190), (228, 200, 172), (176, 124, 82), (150, 100, 62), 44),
    "farm": ((130, 195, 245), (215, 232, 245), (215, 190, 95), (190, 158, 70), 36),
    "mountain": ((120, 180, 235), (205, 225, 245), (140, 150, 120), (110, 122, 95), 42),
}
_SCALE = 4  # backgrounds are painted this much larger and reduced, so that edges are smooth


def extent(kind: str, action: str | None, side: int) -> tuple[int, int]:
    """Width and height in pixels of a sprite whose longer side is `side`."""
    width, height = _posed(kind, "red", action).size
    scale = side / max(width, height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def draw(scene: Scene) -> Image.Image:
    """The 64x64 RGB picture of a scene: what is further up stands further back and is drawn first."""
    picture = background(scene.place).copy()
    aloft = ("flying", "floating")
    for subject in sorted(scene.subjects, key=lambda s: (s.action in aloft, s.box[3])):
        _effect(picture, subject)
        x0, y0, x1, y1 = subject.box
        sprite = _resized(subject.kind, subject.colour, subject.action, (x1 - x0, y1 - y0))
        picture.paste(sprite, (x0, y0), sprite)
    return picture


@cache
def background(place: str) -> Image.Image:
    """The 64x64 RGB background of a place."""
    top, horizon, near, bottom, row = _SCENERY[place]
    size = 64 * _SCALE
    rows = np.arange(size)[:, None] / _SCALE
    up = np.clip(rows / row, 0, 1)
    down = np.clip((rows - row) / (64 - row), 0, 1)
    sky = (1 - up) * np.array(top) + up * np.array(horizon)
    ground = (1 - down) * np.array(near) + down * np.array(bottom)
    column = np.where(rows < row, sky, ground).astype(np.uint8)
    image = Image.fromarray(np.repeat(column[:, None, :], size, axis=1))
    _paint(ImageDraw.Draw(image), place)
    return image.resize((64, 64), Image.Resampling.LANCZOS)


def _paint(d: ImageDraw.ImageDraw, place: str) -> None:
    """The landmarks of a place, in units of 1/4 pixel."""

    def box(x0: float, y0: float, x1: float, y1: float) -> Box:
        return tuple(round(v * _SCALE) for v in (x0, y0, x1, y1))  # type: ignore[return-value]

    def poly(*xy: float) -> list[float]:
        return [v * _SCALE for v in xy]

    if place == "meadow":
        d.ellipse(box(50, 3, 60, 13), fill=(255, 225, 90))
        d.ellipse(box(-20, 27, 40, 60), fill=(125, 195, 85))
    elif place in ("meadow at night", "street at night"):
        d.ellipse(box(49, 4, 59, 14), fill=(245, 240, 200))
        for x, y in ((6, 6), (18, 12), (30, 4), (40, 14), (12, 20)):
            d.ellipse(box(x, y, x + 1.4, y + 1.4), fill=(250, 250, 230))
    if place == "beach":
        d.rectangle(box(0, 27, 64, 40), fill=(50, 160, 205))
        d.rectangle(box(0, 38.5, 64, 40), fill=(235, 248, 250))
        d.ellipse(box(4, 3, 14, 13), fill=(255, 228, 100))
    elif place == "sea":
        for y in (33, 43, 53):
            for x in range(-4, 64, 16):
                d.arc(box(x + (y % 20), y, x + 12 + (y % 20), y + 4), 200, 340, fill=(150, 210, 240), width=3)
    elif place == "forest":
        for x, tall in ((-2, 36), (10, 42), (23, 38), (36, 43), (49, 38), (60, 42)):
            d.rectangle(box(x + 2.2, 34, x + 4.8, 45), fill=(100, 70, 45))
            d.polygon(poly(x - 5, 38, x + 3.5, 42 - tall, x + 12, 38), fill=(35, 105 + x // 4, 60))
    elif place == "snow":
        d.ellipse(box(-14, 28, 36, 56), fill=(232, 240, 250))
        for x, y in ((8, 6), (22, 14), (34, 5), (46, 12), (57, 6), (14, 22), (40, 24), (56, 22)):
            d.ellipse(box(x, y, x + 2, y + 2), fill=(255, 255, 255))
    elif place == "desert":
        d.ellipse(box(6, 4, 18, 16), fill=(255, 246, 200))
        d.ellipse(box(26, 29, 90, 70), fill=(224, 168, 88))
        d.rectangle(box(55, 22, 58, 40), fill=(75, 130, 70))
        d.rectangle(box(50.5, 25, 52.5, 31), fill=(75, 130, 70))
        d.rectangle(box(50.5, 30, 56, 32), fill=(75, 130, 70))
    if place in ("street", "street at night"):
        night = place != "street"
        walls = ((196, 150, 130), (170, 178, 190), (205, 190, 150), (160, 140, 160))
        for i, (x, y) in enumerate(((0, 16), (17, 22), (33, 13), (49, 20))):
            wall = tuple(v * 2 // 5 for v in walls[i]) if night else walls[i]
            d.rectangle(box(x, y, x + 15, 42), fill=wall)
            for wx in (x + 3, x + 9):
                for wy in range(y + 3, 36, 7):
                    lit = (250, 220, 120) if night else (225, 240, 250)
                    d.rectangle(box(wx, wy, wx + 3, wy + 3.5), fill=lit)
        for x in range(2, 64, 16):
            d.rectangle(box(x, 56, x + 8, 57.5), fill=(225, 222, 200))
    elif place == "room":
        d.rectangle(box(6, 6, 24, 24), fill=(250, 250, 250))
        d.rectangle(box(7.5, 7.5, 22.5, 22.5), fill=(160, 210, 245))
        d.rectangle(box(14.4, 6, 15.6, 24), fill=(250, 250, 250))
        d.rectangle(box(0, 43, 64, 44.5), fill=(250, 244, 236))
        d.rectangle(box(42, 8, 57, 20), fill=(150, 100, 60))
        d.rectangle(box(43.5, 9.5, 55.5, 18.5), fill=(205, 225, 190))
    elif place == "farm":
        d.rectangle(box(40, 18, 60, 38), fill=(165, 60, 50))
        d.polygon(poly(37, 19, 50, 7, 63, 19), fill=(110, 50, 48))
        d.rectangle(box(46, 26, 54, 38), fill=(235, 225, 210))
        for x in range(0, 38, 7):
            d.rectangle(box(x, 31, x + 2, 40), fill=(245, 240, 230))
        d.rectangle(box(0, 33.5, 38, 35), fill=(245, 240, 230))
    elif place == "mountain":
        for peak, y, half in ((14, 10, 22), (46, 4, 28)):
            d.polygon(poly(peak - half, 43, peak, y, peak + half, 43), fill=(120, 128, 148))
            d.polygon(poly(peak - 6, y + 9, peak, y, peak + 6, y + 9, peak + 2, y + 7), fill=(250, 252, 255))


def _effect(picture: Image.Image, subject: Subject) -> None:
    """The traces of an action: streaks behind, a shadow below, a Z above, ripples around."""
    d = ImageDraw.Draw(picture, "RGBA")
    x0, y0, x1, y1 = subject.box
    if subject.action in ("running", "driving"):
        # Sprites face left, so the streaks are on their right.
        for i in range(3):
            y = y0 + (y1 - y0) * (i + 1) // 4
            d.line((x1, y, x1 + 5, y), fill=(255, 255, 255, 210))
            d.line((x1, y + 1, x1 + 5, y + 1), fill=(60, 60, 70, 120))
    elif subject.action == "jumping":
        d.ellipse((x0 + 1, y1 + 6, x1 - 1, y1 + 9), fill=(0, 0, 0, 110))
    elif subject.action == "sleeping":
        x, y = x1 - 4, max(y0 - 7, 0)
        for shift, fill in ((1, (30, 30, 60, 160)), (0, (255, 255, 255, 255))):
            points = (x + shift, y + shift, x + 5 + shift, y + shift, x + shift, y + 5 + shift)
            d.line((*points, x + 5 + shift, y + 5 + shift), fill=fill)
    elif subject.action in ("swimming", "sailing"):
        d.ellipse((x0 - 3, y1 - 4, x1 + 2, y1 + 2), fill=(190, 228, 245, 190))


@lru_cache(maxsize=20000)
def _resized(kind: str, colour: str, action: str | None, size: tuple[int, int]) -> Image.Image:
    return _posed(kind, colour, action).resize(size, Image.Resampling.LANCZOS)


@lru_cache(maxsize=2000)
def _posed(kind: str, colour: str, action: str | None) -> Image.Image:
    """The recoloured RGBA sprite at font size, in the pose of the action."""
    name = f"{kind} {action}"
    sprite = _recolour(name if name in _EMOJI else kind, colour)
    if name in _EMOJI:
        return sprite
    width, height = sprite.size
    if action == "running":
        sprite = sprite.rotate(14, Image.Resampling.BICUBIC, expand=True)
    elif action == "sleeping":
        sprite = sprite.resize((width, height * 5 // 8), Image.Resampling.LANCZOS)
    elif action == "swimming" and kind != "fish":
        sprite = sprite.crop((0, 0, width, height * 3 // 4))
    return sprite.crop(sprite.getchannel("A").getbbox())


def sprite_font() -> ImageFont.FreeTypeFont:
    """The emoji font at the one size it has, 109 pixels."""
    if not FONT.exists():
        raise SystemExit(f"No {FONT}: install the package fonts-noto-color-emoji (Debian, Ubuntu).")
    return ImageFont.truetype(str(FONT), 109)


@cache
def _sprite(name: str) -> Image.Image:
    image = Image.new("RGBA", (144, 136))
    ImageDraw.Draw(image).text((0, 0), _EMOJI[name], font=sprite_font(), embedded_color=True)
    return image.crop(image.getchannel("A").getbbox())


def _recolour(name: str, colour: str) -> Image.Image:
    """The sprite in a colour: body pixels become the colour, darker stay darker, lighter fade to white."""
    pixels = np.asarray(_sprite(name), dtype=np.float64) / 255
    rgb, alpha = pixels[..., :3], pixels[..., 3:]
    part = _part(name, rgb)
    light = rgb @ np.array([0.35, 0.5, 0.15])
    chosen = part & (alpha[..., 0] > 0.5)
    # The body's own lightness; a low quantile or a high one would make dark or pale sprites lose their shape.
    body = float(np.clip(np.quantile(light[chosen], _BODY.get(name, 0.5)), 0.15, 0.9))
    target = np.array(RGB[colour]) / 255
    shade = np.clip(light / body, 0.0, 1.0)[..., None] ** 0.9
    glow = np.clip((light - body) / max(1 - body, 0.1), 0, 1)[..., None] * 0.75
    painted = target * shade * (1 - glow) + glow
    out = np.where(part[..., None], painted, rgb)
    return Image.fromarray((np.concatenate([out, alpha], axis=2) * 255).round().astype(np.uint8), "RGBA")


def _hue(rgb: np.ndarray) -> np.ndarray:
    """The hue in [0, 1) of colours [H, W, 3] in [0, 1], as `colorsys` has it; 0 for grey."""
    high, low = rgb.max(2), rgb.min(2)
    red, green, blue = np.moveaxis((high[..., None] - rgb) / np.maximum(high - low, 1e-12)[..., None], 2, 0)
    from_green = np.where(rgb[..., 1] == high, 2 + red - blue, 4 + green - red)
    sixths = np.where(rgb[..., 0] == high, blue - green, from_green)
    return np.where(high == low, 0.0, sixths / 6 % 1)


def _part(name: str, rgb: np.ndarray) -> np.ndarray:
    """The pixels (bool [H, W]) of a sprite that take the colour."""
    high, low = rgb.max(2), rgb.min(2)
    if name != "woman" and name not in _PARTS:
        return np.ones(high.shape, dtype=bool)
    saturation = (high - low) / np.maximum(high, 1e-6)
    hue = _hue(rgb)
    if name == "woman":
        # Everything but face, hands (yellow) and hair (dark brown): top and trousers read as a dress.
        rows = np.arange(rgb.shape[0])[:, None] / rgb.shape[0]
        skin = (hue > 0.07) & (hue < 0.17) & (saturation > 0.45)
        return ~skin & (rows > 0.27)
    start, stop, strong = _PARTS[name]
    return ((hue >= start) & (hue <= stop) | (hue + 1 <= stop)) & (saturation >= strong)

"""The kinds of scenes that `scenes` reads: on tables, in colours, small, of several digits."""

from collections.abc import Callable
from functools import partial

import compose
import cv2
import numpy as np
import surfaces
from compose import Digits, Scene
from surfaces import PAPERS, PENS, TABLES, Colour, Rng

from inkhook.core.base.types import FloatArray, UInt8Array

NOTES = ["yellow", "pink", "green", "blue", "orange"]
SHEETS = ["white", "white", "cream", "grey"]


def sheet(digits: Digits, rng: Rng, table: str, sides: int = 4, thumb: bool = False) -> Scene:
    """Compose a sheet or a note on a table."""
    note = rng.random() < 0.4
    paper, colour = compose.one_of(PAPERS, NOTES if note else SHEETS, rng)
    if table == "light" and not note:
        colour = PAPERS["white"]
    _, ink_colour = compose.one_of(
        PENS, ["black", "blue", "red"] if not note else ["black", "blue"], rng
    )
    height = int(rng.integers(300, 800))
    width = int(height * (rng.uniform(0.9, 1.1) if note else rng.uniform(0.65, 1.4)))
    page = surfaces.painted(
        colour, np.asarray(0.008 * rng.normal(0, 1, (height, width)), np.float32)
    )
    ink, label = digits(int(rng.uniform(0.25, 0.6) * min(height, width)), rng)
    free = height - ink.shape[0], width - ink.shape[1]
    y, x = (int(n * rng.uniform(0.25, 0.75)) for n in free)
    compose.lay(page, ink, (y, x), ink_colour)
    box = x, y, ink.shape[1], ink.shape[0]
    scene, quad = compose.photographed(page, box, table, sides, rng)
    if thumb:
        edge, along = int(rng.integers(4)), rng.uniform(0.15, 0.85)
        place = quad[edge] * (1 - along) + quad[(edge + 1) % 4] * along
        tip = place + (quad.mean(axis=0) - place) * rng.uniform(0.05, 0.2)
        surfaces.add_thumb(scene, (float(tip[0]), float(tip[1])), 0.16 * min(height, width), rng)
    image = compose.finished(compose.lit(scene, 0.35, rng), rng)
    return Scene(image, label, note=f"{paper} {table}")


def bordered(digits: Digits, rng: Rng) -> Scene:
    """Compose a photo of paper that fills the frame, with a plain border added around it."""
    height, width = (int(n) for n in rng.integers(400, 900, 2))
    _, colour = compose.one_of(PAPERS, SHEETS, rng)
    page = surfaces.painted(colour, 0.02 * surfaces.clouds(height, width, (3, 3), rng))
    ink, label = digits(int(rng.uniform(0.3, 0.75) * min(height, width)), rng)
    y, x = (
        int(rng.uniform(0.1, 0.9) * (n - m))
        for n, m in zip((height, width), ink.shape, strict=True)
    )
    compose.lay(page, ink, (y, x), compose.one_of(PENS, ["black", "blue", "pencil"], rng)[1])
    page = compose.lit(page * rng.uniform(0.7, 1), 0.4, rng)
    table = list(TABLES)[rng.integers(len(TABLES))]
    top, left, bottom, right = (int(rng.uniform(0.05, 0.3) * min(height, width)) for _ in range(4))
    scene = TABLES[table](height + top + bottom, width + left + right, rng)
    scene[top : top + height, left : left + width] = page
    return Scene(compose.finished(scene, rng), label, note=table)


def plain(digits: Digits, rng: Rng) -> Scene:
    """Compose a photo of paper that fills the frame: no table."""
    height, width = (int(n) for n in rng.integers(200, 900, 2))
    _, colour = compose.one_of(PAPERS, SHEETS + NOTES, rng)
    page = surfaces.painted(colour, 0.02 * surfaces.clouds(height, width, (3, 3), rng))
    ink, label = digits(int(rng.uniform(0.25, 0.9) * min(height, width)), rng)
    y, x = (
        int(rng.uniform(0, 1) * (n - m)) for n, m in zip((height, width), ink.shape, strict=True)
    )
    compose.lay(page, ink, (y, x), compose.one_of(PENS, list(PENS), rng)[1])
    return Scene(compose.finished(compose.lit(page, 0.4, rng), rng), label)


def _on(colour: Colour, ink_colour: Colour, digits: Digits, rng: Rng, noise: float = 4) -> Scene:
    side = int(rng.integers(150, 800))
    page = surfaces.painted(colour, 0.015 * surfaces.clouds(side, side, (3, 3), rng))
    ink, label = digits(int(rng.uniform(0.3, 0.8) * side), rng)
    y, x = (int(rng.uniform(0.05, 0.95) * (side - n)) for n in ink.shape)
    compose.lay(page, ink, (y, x), ink_colour)
    image = compose.finished(compose.lit(page, 0.25, rng, shadows=0.1), rng, noise)
    return Scene(image, label, photo=rng.random() < 0.7)


def equally_bright(digits: Digits, rng: Rng) -> Scene:
    """Compose ink of one hue on paper of another, both of the same brightness."""
    hues = rng.permutation(6)[:2]
    level = rng.uniform(90, 150)
    shades = []
    for hue in hues:
        colour = np.array(
            [[(hue * 60 + rng.uniform(-12, 12), 1, rng.uniform(0.55, 0.9))]], np.float32
        )
        rgb = cv2.cvtColor(colour, cv2.COLOR_HSV2RGB)[0, 0] * 255
        rgb = rgb + (level - rgb @ (0.299, 0.587, 0.114))  # only lighter or darker
        shades.append(tuple(np.clip(rgb, 0, 255).tolist()))
    return _on(shades[0], shades[1], digits, rng)


def colours(digits: Digits, rng: Rng) -> Scene:
    """Compose pens and papers of colours that differ in brightness, too; chalk on a board."""
    pairs: tuple[tuple[Colour, Colour], ...] = (
        ((250, 232, 100), (30, 50, 160)),
        ((30, 34, 32), (235, 235, 230)),
        ((30, 70, 50), (240, 240, 200)),
        ((250, 170, 190), (190, 25, 35)),
        ((240, 240, 236), (240, 150, 30)),
        ((240, 240, 236), (70, 170, 90)),
        ((40, 60, 140), (250, 220, 60)),
        ((150, 210, 240), (20, 60, 160)),
        ((160, 40, 45), (20, 20, 24)),
    )
    return _on(*pairs[rng.integers(len(pairs))], digits, rng)


def faint(digits: Digits, rng: Rng) -> Scene:
    """Compose a hard pencil on white or cream paper."""
    _, colour = compose.one_of(PAPERS, SHEETS, rng)
    level = float(rng.uniform(0.72, 0.88))
    grey = colour[0] * level, colour[1] * level, colour[2] * level
    return _on(colour, grey, digits, rng, noise=3)


def ringed(digits: Digits, rng: Rng) -> Scene:
    """Compose a digit with a ring or a box around it in another colour."""
    side = int(rng.integers(300, 800))
    page = surfaces.painted(PAPERS["white"], 0.015 * surfaces.clouds(side, side, (3, 3), rng))
    size = int(rng.uniform(0.25, 0.45) * side)
    ink, label = digits(size, rng)
    corner = (side - ink.shape[0]) // 2, (side - ink.shape[1]) // 2
    compose.lay(page, ink, corner, PENS["black" if rng.random() < 0.5 else "blue"])
    colour = compose.one_of(PENS, ["red", "red", "green"], rng)[1]
    ring = np.zeros((side, side), np.uint8)
    reach = rng.uniform(0.6, 1.0) * size
    middle = np.array([side / 2, side / 2]) + rng.normal(0, 0.05 * size, 2)
    if rng.random() < 0.65:
        angles = np.linspace(0, rng.uniform(5.9, 7), 80)
        away = reach * (1 + 0.06 * np.sin(angles * 2 + rng.uniform(0, 6)) + 0.02 * angles)
        points = middle + away[:, np.newaxis] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    else:
        corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)])
        points = middle + reach * corners + rng.normal(0, 0.03 * reach, (5, 2))
    fine = np.rint(points * 16).astype(np.int32).reshape(-1, 1, 2)
    cv2.polylines(
        ring, [fine], False, 255, int(rng.integers(3, max(4, side // 50))), cv2.LINE_AA, 4
    )
    compose.lay(page, np.divide(ring, 255, dtype=np.float32), (0, 0), colour)
    return Scene(compose.finished(compose.lit(page, 0.2, rng, 0.1), rng), label)


def small(digits: Digits, rng: Rng) -> Scene:
    """Compose a digit of 50 to 120 pixels on a photo of 12 megapixels."""
    shape = (3000, 4000) if rng.random() < 0.7 else (4000, 3000)
    page = np.empty((*shape, 3), np.float32)
    page[:] = PAPERS[SHEETS[rng.integers(len(SHEETS))]]
    ink, label = digits(int(rng.integers(50, 121)), rng)
    y, x = (int(rng.uniform(0.1, 0.9) * (n - m)) for n, m in zip(shape, ink.shape, strict=True))
    compose.lay(page, ink, (y, x), PENS["black" if rng.random() < 0.5 else "blue"])
    page *= surfaces.light(*shape, rng.uniform(0, 0.3), rng)[..., np.newaxis]
    page += rng.normal(0, rng.uniform(1, 4), shape).astype(np.float32)[..., np.newaxis]
    return Scene(np.asarray(np.clip(page, 0, 255), np.uint8), label)


def thin(digits: Digits, rng: Rng) -> Scene:
    """Compose a line of one or two pixels on a screen's whole picture."""
    height, width = ((1080, 1920), (1440, 2560), (768, 1024))[rng.integers(3)]
    ink, label = digits(int(rng.uniform(0.3, 0.75) * height), rng, thickness=1e-3, pen=True)
    if rng.random() < 0.5:
        ink = cv2.dilate(ink, np.ones((2, 2), np.uint8))
    page = np.full((height, width), 255, np.float32)
    y, x = (
        int(rng.uniform(0.05, 0.95) * (n - m)) for n, m in zip(page.shape, ink.shape, strict=True)
    )
    page[y : y + ink.shape[0], x : x + ink.shape[1]] -= rng.uniform(150, 255) * ink
    grey = np.asarray(page, np.uint8)
    return Scene(255 - grey if rng.random() < 0.3 else grey, label, photo=False)


def together(inks: list[FloatArray], corners: list[tuple[int, int]], rng: Rng) -> UInt8Array:
    """Return inks at their corners (y, x) on one page, dark on light or light on dark."""
    ends = [(y + i.shape[0], x + i.shape[1]) for (y, x), i in zip(corners, inks, strict=True)]
    low, high = np.min(corners, axis=0), np.max(ends, axis=0)
    largest = max(max(ink.shape) for ink in inks)
    before, after = (rng.uniform(0.15, 0.6, (2, 2)) * largest).astype(int)
    page = np.zeros(high - low + before + after, np.float32)
    for (y, x), ink in zip(corners, inks, strict=True):
        top, left = y - low[0] + before[0], x - low[1] + before[1]
        window = page[top : top + ink.shape[0], left : left + ink.shape[1]]
        np.maximum(window, ink, out=window)
    grey = 235 - rng.uniform(120, 220) * page + rng.normal(0, rng.uniform(0, 2), page.shape)
    grey = 255 - grey if rng.random() < 0.3 else grey
    return np.asarray(np.clip(grey, 0, 255), np.uint8)


def pair(digits: Digits, rng: Rng, way: str) -> Scene:
    """Compose two digits whose inks nearly touch or lie up to three heights apart."""
    size = int(rng.integers(40, 200))
    pen = bool(rng.random() < 0.5)
    share = float(np.exp(rng.uniform(np.log(0.04), np.log(0.13))))
    first, one = digits(size, rng, share, pen)
    second, two = digits(int(size * rng.uniform(0.8, 1.2)), rng, share, pen)
    gap = int(
        max(2, size * (rng.uniform(0.02, 0.3) if rng.random() < 0.4 else rng.uniform(0.3, 3)))
    )
    off = rng.normal(0, 0.06, 2) * size
    across = first.shape[1] + gap, first.shape[0] + gap
    corner = {
        "side by side": (first.shape[0] / 2 - second.shape[0] / 2 + off[0], across[0]),
        "one above": (across[1], first.shape[1] / 2 - second.shape[1] / 2 + off[1]),
        "diagonal": (first.shape[0] + 0.7 * gap, first.shape[1] + 0.7 * gap),
    }[way]
    corners = [(0, 0), (int(corner[0]), int(corner[1]))]
    image = together([first, second], corners, rng)
    return Scene(image, None, photo=rng.random() < 0.3, note=f"{one}{two} gap {gap / size:.2f}")


def page(digits: Digits, rng: Rng) -> Scene:
    """Compose a page of digits in rows."""
    size, pen = int(rng.integers(30, 80)), bool(rng.random() < 0.5)
    inks, corners = [], []
    rows, columns = int(rng.integers(1, 7)), int(rng.integers(3, 9))
    for row in range(rows):
        for column in range(columns):
            if rng.random() < 0.9:
                inks.append(digits(size, rng, 0.08, pen)[0])
                at = np.array([row * 1.5, column * rng.uniform(1.2, 1.6)]) * size
                corners.append(tuple((at + rng.normal(0, 0.05, 2) * size).astype(int).tolist()))
    if len(inks) < 2:
        return page(digits, rng)
    return Scene(together(inks, corners, rng), None, photo=rng.random() < 0.5)


KINDS: dict[str, Callable[[Digits, Rng], Scene]] = {
    **{f"sheet {name}": partial(sheet, table=name) for name in TABLES},
    "sheet thumb": lambda digits, rng: sheet(
        digits, rng, list(TABLES)[rng.integers(6)], thumb=True
    ),
    **{
        f"cut, {n} sides": partial(
            lambda digits, rng, n: sheet(digits, rng, list(TABLES)[rng.integers(6)], n), n=n
        )
        for n in (3, 2, 1)
    },
    "border": bordered,
    "no table": plain,
    "equally bright": equally_bright,
    "colours": colours,
    "faint": faint,
    "ringed": ringed,
    "small": small,
    "thin": thin,
    **{f"pair {way}": partial(pair, way=way) for way in ("side by side", "one above", "diagonal")},
    "page": page,
}

"""The loss curve of a model card, as a PNG.

Drawn with Pillow, which Gradio brings anyway: a plotting library would be ten times its size for
two lines and some labels. Pillow's own font is inside, so the picture is the same on every machine
(and a push of the same run changes nothing).
Drawn at three times the size and reduced, which makes its lines smooth.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT, FINER = 1200, 600, 3
LEFT, RIGHT, TOP, BOTTOM = 84, 270, 40, 66  # margins
PAPER, INK, FAINT, GRID = "#ffffff", "#1f2328", "#5d6778", "#e4e2dc"
TRAIN, HELD_OUT, BASELINE = "#9db9e4", "#2f5da8", "#8d9094"
NAMES = {"ngram": "counting {order} letters", "unigram": "letter frequencies", "xz": "xz"}

Points = list[tuple[float, float]]  # (step, bits per character)


def loss_curve(log: Sequence[dict[str, Any]], training: dict[str, Any]) -> bytes:
    """Training and held-out bits per character over the steps, beside what counting reaches."""
    train = _points(log, "train_bits_per_char")
    held_out = _points(log, "held_out_bits_per_char")
    baselines = _baselines(training)
    chart = _Chart(train + held_out, list(baselines.values()))
    chart.axes()
    labels = [(value, name, BASELINE) for name, value in baselines.items() if chart.shows(value)]
    for value, _, _ in labels:
        chart.dashes(value)
    for points, colour, width in ((train, TRAIN, 3), (held_out, HELD_OUT, 4)):
        chart.line(points, colour, width)
    for point in held_out:
        chart.dot(point, HELD_OUT, 5)
    if held_out:
        best = min(held_out, key=lambda point: point[1])
        chart.dot(best, INK, 9)
        labels.append((held_out[-1][1], f"held-out text: {best[1]:.2f}", HELD_OUT))
    if train:
        labels.append((train[-1][1], "training text", "#6f94cf"))
    chart.labels(labels)
    return chart.png()


def _points(log: Sequence[dict[str, Any]], name: str) -> Points:
    return [(line["step"], line[name]) for line in log if line.get(name) is not None]


def _baselines(training: dict[str, Any]) -> dict[str, float]:
    """Words and bits of the baselines that are worth a line."""
    found = training.get("baselines") or {}
    order = found.get("ngram_order", 0)
    bits = found.get("bits_per_char") or {}
    return {words.format(order=order): bits[key] for key, words in NAMES.items() if bits.get(key)}


class _Chart:
    """An area with a scale; what is drawn is given in steps and bits."""

    def __init__(self, points: Points, baselines: list[float]) -> None:
        self.image = Image.new("RGB", (WIDTH * FINER, HEIGHT * FINER), PAPER)
        self.pen = ImageDraw.Draw(self.image)
        bits = [y for _, y in points] or [0.0, 1.0]
        self.last = max([x for x, _ in points] or [1])
        low = min(bits + baselines)
        high = min(max(bits), 1.6 * max([*baselines, bits[-1], min(bits) + 0.5]))
        room = 0.06 * (high - low or 1)
        self.low, self.high = low - room, high + room

    def shows(self, bits: float) -> bool:
        return self.low <= bits <= self.high

    def place(self, step: float, bits: float) -> tuple[float, float]:
        """Pixels of a point; what is above the scale stays at its edge."""
        share = (min(bits, self.high) - self.low) / (self.high - self.low)
        x = LEFT + (WIDTH - LEFT - RIGHT) * step / self.last
        return x * FINER, (HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share) * FINER

    def axes(self) -> None:
        """Grid lines at round numbers with their labels, and what the axes mean."""
        spacing = _round_step((self.high - self.low) / 5)
        tick = spacing * -(-self.low // spacing)
        while tick <= self.high:
            y = self.place(0, tick)[1]
            self.pen.line([(LEFT * FINER, y), ((WIDTH - RIGHT) * FINER, y)], GRID, FINER)
            self.text((LEFT - 14, y / FINER), f"{tick:.10g}"[:5], FAINT, "rm")
            tick += spacing
        stride = _round_step(self.last / 5)
        for number in range(int(self.last // stride) + 1):
            x = self.place(number * stride, self.low)[0]
            self.text((x / FINER, HEIGHT - BOTTOM + 12), f"{number * stride:,.0f}", FAINT, "ma")
        self.text((LEFT, 8), "bits per character (lower is better)", INK, "la")
        self.text((WIDTH - RIGHT, HEIGHT - 8), "steps", INK, "rd")

    def line(self, points: Points, colour: str, width: int) -> None:
        if len(points) > 1:
            places = [self.place(*point) for point in points]
            self.pen.line(places, colour, width * FINER, joint="curve")

    def dashes(self, bits: float) -> None:
        y = self.place(0, bits)[1]
        for x in range(LEFT, WIDTH - RIGHT, 14):
            end = min(x + 8, WIDTH - RIGHT)
            self.pen.line([(x * FINER, y), (end * FINER, y)], BASELINE, 2 * FINER)

    def dot(self, point: tuple[float, float], colour: str, radius: int) -> None:
        x, y = self.place(*point)
        r = radius * FINER
        self.pen.ellipse([x - r, y - r, x + r, y + r], colour, PAPER, 2 * FINER)

    def labels(self, labels: list[tuple[float, str, str]]) -> None:
        """Words at the right end of their lines, moved apart so that all can be read."""
        below = HEIGHT - BOTTOM + 22.0
        for bits, words, colour in sorted(labels):
            below = min(self.place(0, bits)[1] / FINER, below - 27)
            self.text((WIDTH - RIGHT + 16, below), words, colour, "lm")

    def text(self, place: tuple[float, float], words: str, colour: str, anchor: str) -> None:
        font = ImageFont.load_default(size=22 * FINER)
        x, y = place
        self.pen.text((x * FINER, y * FINER), words, colour, font, anchor)

    def png(self) -> bytes:
        small = self.image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
        file = io.BytesIO()
        small.quantize(64, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
        return file.getvalue()


def _round_step(step: float) -> float:
    """The next of 1, 2, 5, 10, 20 ... at or above a step."""
    power = 1.0
    while power > step:
        power /= 10
    while power * 10 <= step:
        power *= 10
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= step * 0.999)

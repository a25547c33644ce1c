"""Find the unit that keeps track of a property of the text, and say so only where it is true.

Karpathy, Johnson and Li (2015) showed units that count the line or the quotation. Two things
make such pictures honest: a unit is chosen on the first half of the text and its correlation
is reported on the second, and beside it stands the best unit of the same network untrained,
which alone reaches .7 for "after a space". Less than MINIMUM_GAIN above that is "nothing found".
Where no property is asked for, the first half chooses that, too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from rnn_demo.inspection.notice import Notice, notice
from rnn_demo.inspection.properties import FOLLOWED, PROPERTIES, labels_of
from rnn_demo.inspection.reading import MAXIMUM_SYMBOLS, Reading
from rnn_demo.inspection.subject import Subject
from rnn_demo.inspection.unrolled import Unrolled, one_thread
from rnn_demo.network.model import RecurrentLM

MINIMUM_GAIN = 0.1
MOST_SYMBOLS = 40_000
STREAM = 256  # symbols that each stream reads
WARM_UP = 32  # of them before the state counts: it began at zero
BUDGET = 3e10  # multiplications and additions for each of the two networks


@dataclass(frozen=True)
class Unit:
    """One number of the state: `part` "h", or "c" of an LSTM."""

    layer: int
    index: int
    part: str
    correlation: float  # on the half that it was not chosen on


@dataclass(frozen=True)
class Found:
    property: str
    found: bool
    unit: Unit  # the best one, also where nothing was found
    untrained: float  # the same search in the same network before training
    low: float  # what the unit's value ranges over on the text: 1 % and 99 %
    high: float
    symbols: list[str]  # a piece of the second half, to be coloured
    values: np.ndarray  # (T,) the unit's value after each symbol of it
    labels: np.ndarray  # (T,) the property
    snippets: list[tuple[str, float]]  # where the unit is highest, and its value there
    others: list[Unit]  # runners-up
    notice: Notice


@dataclass(frozen=True)
class States:
    """Every unit's value at N symbols, as streams of a text. Columns are named by `units`."""

    values: Tensor  # (N, U)
    units: list[tuple[int, int, str]]  # layer, index, part
    positions: np.ndarray  # (N,) which symbol of the reading each row belongs to


@dataclass(frozen=True)
class Ranking:
    """Units (U,), the one that follows the labels best on the first half of the text first."""

    order: Tensor  # columns of the states
    chosen_by: Tensor  # |r| on the first half
    r: Tensor  # on the second


@dataclass(frozen=True)
class Search:
    """One property, in the network and in its untrained twin."""

    name: str
    labels: np.ndarray  # of every symbol of the reading
    ranking: Ranking
    untrained: Ranking
    varied: bool  # whether there is anything to follow, in both halves

    @property
    def promise(self) -> float:
        """How much better than untrained it looks on the half that may be looked at."""
        ahead = float(self.ranking.chosen_by[0] - self.untrained.chosen_by[0])
        return ahead if self.varied else -1.0


def find(subject: Subject, name: str = FOLLOWED, text: str = "", pattern: str = "") -> Found:
    """Search all units of all layers for the one that follows a property best."""
    reading = _enough(subject, text)
    with one_thread():
        states = states_of(subject.network, reading.ids)
        twin = Unrolled(untrained_twin(subject.model))
        baseline = states_of(twin, reading.ids)
    names = PROPERTIES if name == FOLLOWED else [name]
    searches = (_search(each, pattern, reading, states, baseline) for each in names)
    return _report(subject, states, reading, max(searches, key=lambda search: search.promise))


def _search(name: str, pattern: str, reading: Reading, states: States, baseline: States) -> Search:
    labels = labels_of(reading.text, name, pattern)[reading.last]
    wanted = torch.from_numpy(labels[states.positions]).to(states.values.dtype)
    first = len(wanted) // 2
    return Search(
        name=name,
        labels=labels,
        ranking=correlate(states.values, wanted, first),
        untrained=correlate(baseline.values, wanted, first),
        varied=all(len(half.unique()) > 1 for half in (wanted[:first], wanted[first:])),
    )


def correlate(values: Tensor, labels: Tensor, first: int) -> Ranking:
    """values (N, U), labels (N,) -> columns by |r| on the first rows, their r on the rest."""
    seen = _correlation(values[:first], labels[:first]).abs()
    order = seen.argsort(descending=True)
    return Ranking(order, seen[order], _correlation(values[first:], labels[first:])[order])


def _correlation(values: Tensor, labels: Tensor) -> Tensor:
    """Pearson's r of every column; 0 where a column or the labels do not vary."""
    x = values.double() - values.double().mean(0)
    y = labels.double() - labels.double().mean()
    scale = x.norm(dim=0) * y.norm()
    return torch.where(scale > 1e-9, (x.T @ y) / scale.clamp_min(1e-12), torch.zeros_like(scale))


def states_of(network: Unrolled, ids: Tensor) -> States:
    """Run the network over parallel streams of a text, each warmed up before it counts."""
    length = min(STREAM, len(ids))
    warm = min(WARM_UP, length // 4)
    streams = max(1, min((len(ids) - warm) // (length - warm), _affordable(network) // length))
    starts = torch.arange(streams) * (length - warm)
    index = starts[:, None] + torch.arange(length)
    columns: list[Tensor] = []
    units: list[tuple[int, int, str]] = []
    with torch.inference_mode():
        trace = network.read(ids[index])
        for layer, values in enumerate(trace.layers):
            parts: list[str] = [part for part in "hc" if part in values.values]
            for part in parts:
                columns.append(values.values[part][:, warm:])
                units += [(layer, unit, part) for unit in range(network.config.hidden_size)]
    flat = torch.cat(columns, -1).flatten(0, 1)
    return States(flat, units, index[:, warm:].flatten().numpy())


def _affordable(network: Unrolled) -> int:
    return int(max(4000, min(MOST_SYMBOLS, BUDGET / network.flops)))


def untrained_twin(model: RecurrentLM) -> RecurrentLM:
    """The same network with fresh weights: what architecture alone can do."""
    return RecurrentLM(model.config, torch.Generator().manual_seed(0)).eval()


def _enough(subject: Subject, text: str) -> Reading:
    """The text, and the training text behind it where it is short: labels need many symbols."""
    wanted = _affordable(subject.network)
    chosen = text or subject.text()
    if not text and len(chosen) < wanted:
        chosen += subject.train_text[: wanted - len(chosen)]
    return subject.read(chosen[: wanted * 8], wanted)


def _unit(states: States, ranking: Ranking, rank: int) -> Unit:
    layer, index, part = states.units[int(ranking.order[rank])]
    return Unit(layer, index, part, float(ranking.r[rank]))


def _report(subject: Subject, states: States, reading: Reading, search: Search) -> Found:
    name = search.name
    best = [_unit(states, search.ranking, rank) for rank in range(min(8, len(states.units)))]
    unit, blind = best[0], abs(float(search.untrained.r[0]))
    found = search.varied and abs(unit.correlation) - blind >= MINIMUM_GAIN
    column = states.units.index((unit.layer, unit.index, unit.part))
    values = states.values[:, column].numpy()
    low, high = np.quantile(values, [0.01, 0.99])
    half = len(values) // 2
    shown = slice(half, min(half + MAXIMUM_SYMBOLS, len(values)))
    places = states.positions[shown]
    key = "found" if found else ("nothing" if search.varied else "absent")
    return Found(
        property=name,
        found=found,
        unit=unit,
        untrained=blind,
        low=float(low),
        high=float(high),
        symbols=[reading.pieces[i] for i in places],
        values=values[shown],
        labels=search.labels[places],
        snippets=_snippets(reading, states.positions, values),
        others=best[1:],
        notice=notice(
            f"neuron.{key}",
            unit=unit.index + 1,
            layer=unit.layer + 1,
            part=unit.part,
            r=unit.correlation,
            untrained=blind,
            property=name,
        ),
    )


def _snippets(
    reading: Reading, positions: np.ndarray, values: np.ndarray
) -> list[tuple[str, float]]:
    """Five places of the text where the unit is highest, not two from one neighbourhood."""
    chosen: list[tuple[str, float]] = []
    taken: list[int] = []
    for row in np.argsort(-values)[:2000]:
        place = int(positions[row])
        if all(abs(place - other) > 40 for other in taken):
            taken.append(place)
            chosen.append(
                ("".join(reading.pieces[max(0, place - 30) : place + 1]), float(values[row]))
            )
        if len(chosen) == 5:
            break
    return chosen

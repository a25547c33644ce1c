"""A map of the symbols, and other moments at which the network was in the same state.

Map: what the first layer reads for each symbol, a row of the embedding (or, with one-hot input,
a column of W_x), flattened to two dimensions by principal components: symbols that are used
alike come to lie together. Nearest moments: where else in the text h_t of the last layer was most
like h_t now, by cosine, as in LSTMVis (Strobelt et al. 2018).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from rnn_demo.errors import RunError
from rnn_demo.inspection.neuron import states_of
from rnn_demo.inspection.notice import Notice, notice
from rnn_demo.inspection.reading import MAXIMUM_SYMBOLS
from rnn_demo.inspection.subject import Subject
from rnn_demo.inspection.unrolled import Unrolled, one_thread

MOST = 200  # symbols on the map, the most frequent
APART = 20  # symbols between two moments, or they are the same one
LIBRARY = 16_000  # symbols in which moments are looked for
MOST_MOMENTS = 8


@dataclass(frozen=True)
class SymbolMap:
    symbols: list[str]
    ids: list[int]
    places: np.ndarray  # (S, 2)
    counts: list[int]  # how often each occurs
    explained: float  # share of the spread that two dimensions show
    neighbours: list[list[str]]  # the three nearest of each, in all dimensions
    notice: Notice


@dataclass(frozen=True)
class Moment:
    before: str
    symbol: str
    after: str
    likeness: float  # cosine


@dataclass(frozen=True)
class Moments:
    here: Moment
    moments: list[Moment]
    notice: Notice


def symbol_map(subject: Subject, text: str = "") -> SymbolMap:
    """Places of the symbols that the text uses most."""
    reading = subject.read(text or subject.train_text or subject.text())
    size = subject.model.config.vocab_size
    counts = np.bincount(reading.ids.numpy(), minlength=size)
    chosen = np.argsort(-counts, kind="stable")[: min(MOST, int((counts > 0).sum()))]
    if len(chosen) < 3:
        raise RunError("look.symbols")
    vectors = vectors_of(subject.network)[torch.from_numpy(chosen)]
    places, explained = principal(vectors)
    likeness = _cosines(vectors)
    nearest = likeness.argsort(descending=True)[:, :3].tolist()
    names = [subject.tokenizer.symbols()[i] for i in chosen]
    common = likeness[:40, :40]
    a, b = divmod(int(common.argmax()), len(common))
    return SymbolMap(
        symbols=names,
        ids=chosen.tolist(),
        places=places.numpy(),
        counts=counts[chosen].tolist(),
        explained=explained,
        neighbours=[[names[i] for i in row] for row in nearest],
        notice=notice(
            "map.found" if float(common.max()) > 0.3 else "map.nothing",
            a=names[a],
            b=names[b],
            likeness=float(common.max()),
            explained=100 * explained,
        ),
    )


def vectors_of(network: Unrolled) -> Tensor:
    """(V, D): what the network reads for each symbol."""
    table = network.weights.get("embedding.weight")
    return network.weights["layers.0.input_weight"].T if table is None else table


def principal(vectors: Tensor) -> tuple[Tensor, float]:
    """vectors (S, D) -> places (S, 2) along the two widest directions, share of the variance."""
    centred = vectors.double() - vectors.double().mean(0)
    u, s, _ = torch.linalg.svd(centred, full_matrices=False)
    places = torch.zeros((len(vectors), 2), dtype=torch.float64)
    width = min(2, len(s))
    places[:, :width] = u[:, :width] * s[:width]
    sign = torch.where(places.abs().amax(0) == places.amax(0), 1.0, -1.0)  # SVD's is arbitrary
    return places * sign, float(s[:2].square().sum() / s.square().sum().clamp_min(1e-30))


def _cosines(vectors: Tensor) -> Tensor:
    """(S, S), with -1 on the diagonal: nothing is its own neighbour."""
    unit = torch.nn.functional.normalize(vectors.double() - vectors.double().mean(0), dim=1)
    return (unit @ unit.T).fill_diagonal_(-1)


def nearest_moments(subject: Subject, text: str = "", position: int = -1) -> Moments:
    """Where in the library text the last layer's h was most like h after this symbol."""
    reading = subject.read(subject.text(text), MAXIMUM_SYMBOLS)
    position = position % max(1, len(reading))
    source = subject.train_text or subject.text(text)
    library = subject.read(source[: LIBRARY * 8], min(LIBRARY, _affordable(subject.network)))
    size = subject.model.config.hidden_size
    with one_thread(), torch.inference_mode():
        query = (
            subject.network.read(reading.ids[None, : position + 1]).layers[-1].values["h"][0, -1]
        )
        states = states_of(subject.network, library.ids)
        last = subject.model.config.layers - 1
        start = states.units.index((last, 0, "h"))
        known = torch.nn.functional.normalize(states.values[:, start : start + size], dim=1)
        likeness = (known @ torch.nn.functional.normalize(query, dim=0)).numpy()
    here_text = "".join(reading.pieces[max(0, position - 40) : position + 1])
    found: list[Moment] = []
    taken: list[int] = []
    for row in np.argsort(-likeness)[:4000]:
        place = int(states.positions[row])
        moment = _moment(library.pieces, place, float(likeness[row]))
        itself = (moment.before + moment.symbol).endswith(here_text[-30:]) and len(here_text) > 15
        if not itself and all(abs(place - other) > APART for other in taken):
            taken.append(place)
            found.append(moment)
        if len(found) == MOST_MOMENTS:
            break
    here = _moment(reading.pieces, position, 1.0)
    best = found[0].likeness if found else 0.0
    said = notice(
        "moments.found" if best > 0.5 else "moments.nothing", likeness=best, count=len(found)
    )
    return Moments(here, found, said)


def _affordable(network: Unrolled) -> int:
    return int(max(4000, 6e10 / network.flops))


def _moment(pieces: list[str], place: int, likeness: float) -> Moment:
    return Moment(
        before="".join(pieces[max(0, place - 40) : place]),
        symbol=pieces[place],
        after="".join(pieces[place + 1 : place + 21]),
        likeness=likeness,
    )

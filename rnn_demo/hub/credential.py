"""Who acts on the Hub, and with which token. The token never shows itself.

Three places it may come from, in this order: the sign-in of a Space (OAuth), what the person typed,
and, only for somebody who sits at this machine, the machine's own login.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import huggingface_hub


class Secret:
    """A token that prints as dots, is not pickled and is not compared; reveal() gives it out."""

    __slots__ = ("_token",)

    def __init__(self, token: str) -> None:
        self._token = token

    def reveal(self) -> str:
        return self._token

    def __repr__(self) -> str:
        return "Secret(…)"

    def __reduce__(self) -> str:
        raise TypeError("A secret is not written anywhere.")


@dataclass(frozen=True)
class Credential:
    """A token and where it came from: oauth | typed | machine."""

    token: Secret = field(repr=False)
    source: str


@dataclass(frozen=True)
class Account:
    """What the Hub says about a token: whose it is and where it may write."""

    user: str
    role: str  # read | write | contribute | fineGrained | ...
    namespaces: tuple[str, ...]  # the user first, then organizations in which they may write


def find_credential(
    oauth: str | None = None, typed: str | None = None, *, allow_machine: bool = False
) -> Credential | None:
    """The token to act with; None: act as nobody. `allow_machine` for this machine's user only."""
    for token, source in ((oauth, "oauth"), (typed, "typed")):
        if token and token.strip():
            return Credential(Secret(token.strip()), source)
    machine = huggingface_hub.get_token() if allow_machine else None
    return Credential(Secret(machine), "machine") if machine else None

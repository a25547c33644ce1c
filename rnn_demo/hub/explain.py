"""Exceptions of huggingface_hub and of its HTTP library -> our troubles. Runs in the child only.

The client raises its own classes for some answers, bare HTTP errors for others, and wraps failed
transfers into RuntimeError; so causes are followed, and the status and the words of the Hub decide.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator

import httpx2
from huggingface_hub import constants, errors

from rnn_demo.hub.trouble import HubTrouble, duration

NO_REQUEST = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.UnsupportedProtocol)


def explain(error: BaseException, repo: str = "", revision: str | None = None) -> HubTrouble:
    """The trouble behind an exception, for a request that was about `repo`."""
    for cause in _causes(error):
        trouble = _known(cause, repo, revision)
        if trouble is not None:
            return trouble
    return _transfer(error) or HubTrouble(
        "unknown", detail=f"{type(error).__name__}: {str(error)[:200]}"
    )


def _transfer(error: BaseException) -> HubTrouble | None:
    """Xet moves its data in Rust: what fails there is a plain exception, told in words only."""
    words = " ".join(f"{type(cause).__name__}: {cause}" for cause in _causes(error))
    told = re.search(
        r"[Tt]ask error|uploading|CAS|[Rr]equest|[Cc]onnect|timed? ?out|[Ii]ntegrity|hash", words
    )
    if not (told and isinstance(error, RuntimeError | ConnectionError | TimeoutError)):
        return None
    status = re.search(r"\((5\d\d|429)\b|\b(5\d\d|429) [A-Z]", words)
    if status:
        return HubTrouble("server", status=status[1] or status[2])
    return HubTrouble("stalled" if re.search(r"timed? ?out", words) else "connection")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error, what it was raised from, and so on."""
    for _ in range(8):
        if error is None:
            return
        yield error
        error = error.__cause__ or error.__context__


BY_CLASS: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str], ...] = (
    (errors.OfflineModeIsEnabled, "offline_mode"),
    (errors.LocalTokenNotFoundError, "no_token"),
    (errors.HFValidationError, "name"),
    (errors.GatedRepoError, "gated"),
    (errors.RevisionNotFoundError, "revision"),
    (errors.RemoteEntryNotFoundError, "file"),
    (NO_REQUEST, "offline"),
    (httpx2.TimeoutException, "stalled"),
    (httpx2.TransportError, "connection"),
)


def _known(error: BaseException, repo: str, revision: str | None) -> HubTrouble | None:
    """The trouble of one exception, its causes left aside."""
    values = {"repo": repo, "name": repo, "endpoint": constants.ENDPOINT}
    if isinstance(error, HubTrouble):
        return error
    for kind, name in BY_CLASS:
        if isinstance(error, kind):
            return HubTrouble(name, revision=revision or "main", **values)
    if getattr(error, "response", None) is not None:
        return _by_status(error, values)  # type: ignore[arg-type]
    if isinstance(error, ValueError) and "Invalid metadata" in str(error):
        return HubTrouble("card", detail=_card_errors(str(error)))
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return HubTrouble("disk", detail=error.strerror or "no space left")
    return None


def _by_status(error: errors.HfHubHTTPError | httpx2.HTTPStatusError, where: dict) -> HubTrouble:
    """The trouble behind an answer of the Hub: its number first, then its words."""
    response = error.response
    status = response.status_code
    said = f"{response.headers.get('X-Error-Message', '')} {error}"
    unseen = isinstance(error, errors.RepositoryNotFoundError)
    if status == 429:
        return refusal(response)
    if status == 401 and ("Invalid user token" in said or not unseen):
        return HubTrouble("bad_token", **where)
    if unseen or status == 404:
        return HubTrouble("missing", **where)
    if status == 403:
        return _forbidden(said, where)
    if status in (408, 504):
        return HubTrouble("stalled")
    if status == 409:
        return HubTrouble("conflict", **where)
    if status >= 500:
        return refusal(response)
    by_number = {402: "plan", 412: "moved", 413: "too_big"}
    if status in by_number:
        return HubTrouble(by_number[status], **where)
    number = response.headers.get("x-request-id") or "none"
    words = response.headers.get("X-Error-Message", "")[:120]
    return HubTrouble("unknown", detail=f"answer {status} {words}; request {number[:60]}")


def _forbidden(said: str, where: dict) -> HubTrouble:
    """403 has four meanings; the Hub tells them apart in words only."""
    if "create_pr" in said:
        return HubTrouble("not_yours", **where)
    created = re.search(r"rights to create .* under the namespace \"?([\w.-]+)", said)
    if created:
        return HubTrouble("rights", namespace=created[1], **where)
    if "gated" in said.lower():
        return HubTrouble("gated", **where)
    return HubTrouble("read_only", **where)  # who() knows better: a sign-in may lack the scope


def refusal(response: httpx2.Response) -> HubTrouble:
    """The trouble of a 429, with the pause it asks for, or of an answer 5xx."""
    if response.status_code != 429:
        return HubTrouble("server", status=response.status_code)
    pause = pause_asked_for(response) or 60
    return HubTrouble("rate", wait=duration(pause), seconds=pause + 1)


def pause_asked_for(response: httpx2.Response) -> float | None:
    """Seconds that a 429 or 503 asks to wait, by either of the two headers in use."""
    limit = re.search(r"r=0\s*;\s*t=(\d+)", response.headers.get("ratelimit", ""))
    after = response.headers.get("retry-after", "")
    if limit:
        return float(limit[1])
    return float(after) if after.isdigit() else None


def _card_errors(message: str) -> str:
    """The fields that are wrong, out of the lines of a refusal."""
    lines = [line.strip(" -") for line in message.splitlines()[1:] if line.strip(" -")]
    return ("; ".join(lines)[:300] or "its metadata is not valid").rstrip(".") + "."

"""What Argo CD's refusals mean: gRPC's codes → our errors."""

from __future__ import annotations

from tidegate.adapters.argocd.fields import Fields, parse
from tidegate.adapters.http import Answer
from tidegate.domain.redaction import redact
from tidegate.domain.text import one_line
from tidegate.errors import ConflictError, NotFound, OutsideError, TidegateError, Unreachable

CANCELLED, INVALID_ARGUMENT, DEADLINE_EXCEEDED, NOT_FOUND, ALREADY_EXISTS = 1, 3, 4, 5, 6
PERMISSION_DENIED, RESOURCE_EXHAUSTED, ABORTED = 7, 8, 10
INTERNAL, UNAVAILABLE, UNAUTHENTICATED = 13, 14, 16
# For these it helps to come again later.
PASSING = frozenset({CANCELLED, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, INTERNAL, UNAVAILABLE, 2})
_CODES = {400: INVALID_ARGUMENT, 401: UNAUTHENTICATED, 403: PERMISSION_DENIED, 409: ABORTED}
_FOREIGN = "is this Argo CD's address, with its path, and is no login page or proxy in between?"


class Refused(Exception):
    """Argo CD's own refusal; `message` is one line without secrets."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def content(answer: Answer, place: str, token: str) -> Fields:
    """The object in an answer to a request with that token. Raises Refused for what Argo CD
    refuses, and OutsideError or Unreachable for answers that can't be its own."""
    if answer.status == 200:
        if not _is_json(answer):
            raise OutsideError(f"{place} answered with something else than JSON", hint=_FOREIGN)
        return parse(answer.body, f"the answer of {place}")
    if _is_json(answer):
        try:
            document = parse(answer.body, place)
        except OutsideError:
            document = {}
        said, code = document.get("message"), document.get("code")
        if isinstance(said, str) and isinstance(code, int):
            raise Refused(code, one_line(redact(said, [token])))
    if answer.status in _CODES:  # in front of Argo CD, others refuse too
        raise Refused(_CODES[answer.status], f"status {answer.status}")
    kind = Unreachable if answer.status == 429 or answer.status >= 500 else OutsideError
    raise kind(f"{place} answered with status {answer.status}", hint=_FOREIGN)


def error_of(refused: Refused, place: str, subject: str) -> TidegateError:
    """What to raise; `subject` is what was asked for."""
    said = f"{place} refuses {subject}: {refused.message}"
    if refused.code == NOT_FOUND:
        return NotFound(f"{place} has no {subject}")
    if refused.code in (ALREADY_EXISTS, ABORTED):
        return ConflictError(said, hint="somebody else changes it just now; try again")
    if refused.code == UNAUTHENTICATED:
        return OutsideError(
            f"{place} does not accept the token", hint="make a new one: it may have run out"
        )
    if refused.code == PERMISSION_DENIED:
        return OutsideError(said, hint="the token's role needs `applications, get` and `sync`")
    if refused.code in PASSING:
        return Unreachable(f"{place} failed at {subject}: {refused.message}")
    return OutsideError(said)


def _is_json(answer: Answer) -> bool:
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == "application/json"

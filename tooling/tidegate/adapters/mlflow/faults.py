"""What MLflow's library raises, said in our exceptions: short, clean, without credentials."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tidegate.adapters.mlflow.address import Address
from tidegate.adapters.mlflow.library import ANSWER_LIMIT, TooLong, credentials
from tidegate.errors import NotFound, OutsideError, TidegateError, Unreachable

_STATUS = re.compile(r"(?:error code|too many) (\d{3})\b")
_BODY = "Response body: '"
_SYSTEM_ERROR = re.compile(r"\[Errno -?\d+\] ([^'\")]+)")
_ABSENT = {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}
_REFUSED = {"UNAUTHENTICATED": 401, "PERMISSION_DENIED": 403}
_LOG_HINT = "the server's own log says why"
_URL_HINT = "look whether this is the address of an MLflow server, or whether a proxy is between"
_AUTH_HINT = (
    "put credentials into MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or into "
    "MLFLOW_TRACKING_TOKEN; a server that allows only certain host names says 403 as well"
)
_SCHEMA_HINT = (
    "where the store is the older one, take a backup of it and run `mlflow db upgrade`; "
    "where it is the newer one, upgrade mlflow-skinny"
)


@dataclass(frozen=True, slots=True)
class Fault:
    """`healthy` says that the store works and answered, if only with a refusal."""

    error: TidegateError
    healthy: bool = False


def translate(error: BaseException, address: Address) -> Fault:
    """The fault behind any exception of the library."""
    if isinstance(error, TidegateError):
        return Fault(error, isinstance(error, NotFound))
    text = str(error)
    said = address.clean(text, credentials())
    # requests and SQLAlchemy belong to MLflow, so their exceptions are told apart by name.
    kinds = {kind.__name__ for link in _chain(error) for kind in type(link).__mro__}
    if TooLong.__name__ in kinds:
        limit = f"more than {ANSWER_LIMIT // 2**20} MiB"
        return Fault(OutsideError(f"{_name(address)} answered with {limit}", hint=_URL_HINT))
    if "RetryError" in kinds:
        status = _STATUS.search(text)
        answer = f"HTTP {status[1]}" if status else "errors"
        return Fault(
            OutsideError(f"{_name(address)} keeps answering with {answer}", hint=_LOG_HINT)
        )
    if "Timeout" in kinds:
        return Fault(unanswered(address))
    if "ConnectionError" in kinds:
        found = _SYSTEM_ERROR.search(text)
        reason = address.clean(found[1]) if found else said
        return Fault(Unreachable(f"{_name(address)} can't be reached: {reason}"))
    if _BODY in text:
        return _garbage(text, address)
    code = str(getattr(error, "error_code", ""))
    if code in _ABSENT:
        return Fault(NotFound(f"{_name(address)}: {said}"), healthy=True)
    if code in _REFUSED:
        return Fault(_refused(_REFUSED[code], said, address), healthy=True)
    if "MlflowException" in kinds:
        return Fault(OutsideError(f"{_name(address)} failed: {said}", hint=_LOG_HINT))
    message = (
        f"{_name(address)} gave an answer that makes no sense ({type(error).__name__}: {said})"
    )
    return Fault(OutsideError(message, hint=_URL_HINT))


def unopened(error: Exception, address: Address) -> TidegateError:
    """Why a store can't be opened. MLflow migrates a database whose schema is too old, which fails
    in any of many ways, because we open it to be read only."""
    locked = "database is locked" in str(error)
    if address.file is None or locked or isinstance(error, TidegateError):
        return translate(error, address).error
    versions = re.search(r"found version (\S+), but expected (\S+)\)", str(error))
    detail = f" (it has {versions[1]}, and {versions[2]} is expected)" if versions else ""
    message = f"{_name(address)} has a database schema that this MLflow library can't read{detail}"
    return OutsideError(message, hint=_SCHEMA_HINT)


def unanswered(address: Address, seconds: float | None = None) -> Unreachable:
    """The store did not answer in time."""
    limit = f" within {round(seconds, 1):g} s" if seconds is not None else " in time"
    return Unreachable(f"{_name(address)} did not answer{limit}")


def _garbage(text: str, address: Address) -> Fault:
    """An answer that isn't MLflow's JSON: a proxy's page, a cut connection, another service."""
    head, _, body = text.partition(_BODY)
    excerpt = address.clean(body.removesuffix("'"), credentials()) or "nothing"
    status = _STATUS.search(head)
    number = int(status[1]) if status else 200
    if number in _REFUSED.values():
        return Fault(_refused(number, excerpt, address), healthy=True)
    said = "something that is not MLflow's JSON" if number == 200 else f"HTTP {number}"
    return Fault(OutsideError(f"{_name(address)} answered with {said}: {excerpt}", hint=_URL_HINT))


def _refused(status: int, said: str, address: Address) -> OutsideError:
    reason = "wants other credentials" if status == 401 else "forbids this"
    message = f"{_name(address)} {reason} (HTTP {status}): {said}"
    return OutsideError(message, hint=_AUTH_HINT)


def _name(address: Address) -> str:
    return f"MLflow at {address.shown}"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: list[BaseException] = []
    while error is not None and error not in seen:
        seen.append(error)
        yield error
        error = error.__cause__ or error.__context__

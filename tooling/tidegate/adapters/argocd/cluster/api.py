"""Questions to the cluster's API server."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from tidegate.adapters.argocd.cluster.access import Access
from tidegate.adapters.argocd.fields import Fields, parse, text
from tidegate.adapters.argocd.stream import Stream
from tidegate.adapters.http import Answer, Http, shown
from tidegate.domain.redaction import redact
from tidegate.domain.text import one_line
from tidegate.errors import ConflictError, NotFound, OutsideError, TidegateError, Unreachable

MERGE = "application/merge-patch+json"
_JSON = "application/json"
_SUCCESS = frozenset({200, 201})


class Gone(OutsideError):
    """What is asked for is no longer remembered: a watch has to begin anew."""


class ClusterApi:
    """Safe for several threads at once. `base` is its address."""

    def __init__(self, access: Access, http: Http) -> None:
        self._access, self._http = access, http
        self.base = access.base
        self.place = f"the cluster at {shown(access.base)}"

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Fields:
        """An object or a list. Raises NotFound, Unreachable or OutsideError."""
        return self._ask("GET", path, query or {}, None, _JSON)

    def post(self, path: str, body: Any) -> Fields:
        """What the server makes of it. Raises as `get`."""
        return self._ask("POST", path, {}, body, _JSON)

    def patch(self, path: str, body: Any) -> Fields:
        """The object as it is with a merge patch. Raises ConflictError where the patch names a
        resourceVersion that is old, and as `get`."""
        return self._ask("PATCH", path, {}, body, MERGE)

    def stream(self, path: str, query: Mapping[str, str], silence: float) -> Stream:
        """A watch's connection; `silence` is in seconds."""
        return Stream(
            self._url(path, query),
            self._headers(),
            verify=self._access.verify,
            silence=silence,
            refuse=lambda answer: self.content(answer, path),
        )

    def content(self, answer: Answer, path: str) -> Fields:
        """The object in an answer. Raises what a refusal means."""
        kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        document: Fields = {}
        if kind == _JSON:
            document = parse(answer.body, f"the answer of {self.place}")
        if answer.status in _SUCCESS and kind == _JSON:
            return document
        raise self.error_of(answer.status, text(document, "message"), path)

    def error_of(self, status: int, message: str, path: str) -> TidegateError:
        """What a refusal means; of a Kubernetes Status, or of a watch's ERROR."""
        secret = self._access.authorization() or ""
        secrets = [secret.removeprefix("Bearer ")] if secret else []
        said = one_line(redact(message, secrets)) or f"status {status}"
        told = f"{self.place} refuses {one_line(path, 200)}: {said}"
        if status == 404:
            return NotFound(f"{self.place} has no {one_line(path, 200)}: {said}")
        if status == 409:
            return ConflictError(told, hint="somebody else changes it just now; try again")
        if status == 410:
            return Gone(told)
        if status == 429 or status >= 500:
            return Unreachable(f"{self.place} failed at {one_line(path, 200)}: {said}")
        if status in (401, 403):
            return OutsideError(
                told, hint="the account needs a role for Argo CD's objects and pods"
            )
        return OutsideError(told)

    def _ask(
        self, method: str, path: str, query: Mapping[str, str], body: Any, kind: str
    ) -> Fields:
        answer = self._http.request(
            method,
            self._url(path, query),
            headers={**self._headers(), "Content-Type": kind},
            content=None if body is None else json.dumps(body).encode(),
            refusals=True,
        )
        return self.content(answer, path)

    def _url(self, path: str, query: Mapping[str, str]) -> str:
        said = {key: value for key, value in query.items() if value}
        return f"{self._access.base}{path}" + (f"?{urlencode(said)}" if said else "")

    def _headers(self) -> dict[str, str]:
        authorization = self._access.authorization()
        headers = {"Accept": _JSON}
        return {**headers, "Authorization": authorization} if authorization else headers

"""Where an MLflow store is, and how that is told to people without its credentials."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tidegate.errors import InputError

_SQLITE = "sqlite:///"
_HINT = "use http://…, https://… or sqlite:///path/to/mlflow.db"
_USER_INFORMATION = re.compile(r"(?<=://)[^\s/@]*@")
_HIDDEN = "***"
_SHOWN_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Address:
    """`uri` is what MLflow's library is given and may hold credentials; `shown` is for people.
    `file` is the database's absolute path, for SQLite."""

    uri: str = field(repr=False)
    shown: str
    file: Path | None = None
    secrets: tuple[str, ...] = field(default=(), repr=False)

    @classmethod
    def parse(cls, uri: str) -> Address:
        """Reads http(s)://… and sqlite:///path; raises InputError for any other kind of store."""
        if uri.startswith(_SQLITE):
            return cls._sqlite(uri.removeprefix(_SQLITE))
        try:
            parts = urlsplit(uri)
            valid = parts.hostname is not None and (parts.port is None or parts.port > 0)
        except ValueError:
            raise InputError("the model registry's address is not a URL", hint=_HINT) from None
        if parts.scheme not in ("http", "https"):
            kind = repr(f"{parts.scheme[:40]}:…") if parts.scheme else "a folder"
            raise InputError(f"{kind} is not a kind of model registry we can read", hint=_HINT)
        if not valid or parts.query or parts.fragment or not uri.isprintable() or " " in uri:
            raise InputError("the model registry's address is not a plain URL", hint=_HINT)
        host = parts.netloc.rpartition("@")[2]
        shown = f"{parts.scheme}://{host}{parts.path}".rstrip("/")
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        basic = base64.b64encode(f"{user}:{password}".encode()).decode()
        secrets = (parts.password or "", password, basic) if password else (user,)
        return cls(uri, shown, None, tuple(secret for secret in secrets if secret))

    def writable(self) -> Address:
        """The same store, to be written to: of SQLite's, one that is there already."""
        return replace(self, uri=self.uri.replace("?mode=ro&", "?mode=rw&")) if self.file else self

    @classmethod
    def _sqlite(cls, path: str) -> Address:
        if not path or path == ":memory:" or "\0" in path:
            raise InputError("the model registry's SQLite file is not named", hint=_HINT)
        file = Path(path).absolute()
        if set("%?#") & set(str(file)):
            message = f"the path {str(file)!r} has one of %, ? and #"
            raise InputError(message, hint="such a path can't be written as a SQLite address")
        # Opened read-only by SQLite itself, so that no MLflow version can migrate it in silence.
        # Nothing is quoted, because SQLAlchemy's versions differ on who unquotes it.
        uri = f"sqlite+pysqlite:///file:{file}?mode=ro&uri=true"
        return cls(uri, _SQLITE + str(file), file)

    def clean(self, text: str, secrets: tuple[str, ...] = ()) -> str:
        """One short line of what the store said, fit to be shown: without credentials, markup
        and control characters."""
        text = text[:20_000]
        for secret in sorted((*self.secrets, *secrets), key=len, reverse=True):
            text = text.replace(secret, _HIDDEN)
        text = _USER_INFORMATION.sub("", text.replace(self.uri, self.shown))
        text = re.sub(r"<(script|style|head)\b.*?(</\1>|$)", " ", text, flags=re.I | re.S)
        text = re.sub(r"<[/!a-zA-Z][^<>]*>", " ", text)
        text = "".join(character if character.isprintable() else " " for character in text)
        text = " ".join(text.split())
        return text if len(text) <= _SHOWN_LENGTH else text[: _SHOWN_LENGTH - 1] + "…"

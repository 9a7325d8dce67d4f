"""What names, labels and ports look like (k8s.io/apimachinery/pkg/util/validation and
pkg/api/validate/content)."""

from __future__ import annotations

import re

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_LABEL_1035 = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_WILDCARD = re.compile(r"\*\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_NAME = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
_PORT = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
_KEY = re.compile(r"[-._a-zA-Z0-9]+")
_VARIABLE = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*")
_PRINTABLE = re.compile(r"[ -<>-~]+")
_HEADER = re.compile(r"[-A-Za-z0-9]+")
_OWNED = re.compile(r"[A-Za-z0-9/._~%!$&'()*+,;=:-]+")
_SEARCH = re.compile(r"_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*")
_PERCENT = re.compile(r"[0-9]+%")

LABEL_RULE = "lower-case letters, digits and '-', at most 63, with a letter or digit at both ends"
SUBDOMAIN_RULE = (
    "lower-case letters, digits, '-' and '.', at most 253, with a letter or digit at both ends"
)
LABEL_1035_RULE = (
    "lower-case letters, digits and '-', at most 63, with a letter first and no '-' last"
)
SEGMENT_RULE = "a name without '/' and '%', and not '.' or '..'"
KEY_RULE = "[prefix/]name, of letters, digits, '-', '_' and '.', the name at most 63 characters"
VALUE_RULE = "at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends"
PORT_NAME_RULE = "at most 15 lower-case letters, digits and single '-', with a letter among them"
HEADER_RULE = "a header's name, of letters, digits and '-'"
OWNED_RULE = "a path below a domain, such as example.com/name"
SEARCH_RULE = "a domain of lower-case letters, digits, '-', '_' and '.'"
FILE_KEY_RULE = "letters, digits, '-', '_' and '.', at most 253"


def is_label(text: str) -> bool:
    """A DNS label of RFC 1123."""
    return len(text) <= 63 and _LABEL.fullmatch(text) is not None


def is_label_1035(text: str) -> bool:
    """A DNS label of RFC 1035."""
    return len(text) <= 63 and _LABEL_1035.fullmatch(text) is not None


def is_subdomain(text: str) -> bool:
    """A DNS subdomain of RFC 1123."""
    return len(text) <= 253 and _SUBDOMAIN.fullmatch(text) is not None


def is_wildcard(text: str) -> bool:
    """A host with `*.` before it."""
    return len(text) <= 253 and _WILDCARD.fullmatch(text) is not None


def is_segment(text: str) -> bool:
    """What can be a part of a URL's path."""
    return text not in (".", "..") and "/" not in text and "%" not in text


def is_key(text: str) -> bool:
    """A qualified name, as of labels, annotations and resources."""
    prefix, slash, name = text.rpartition("/")
    if slash and not is_subdomain(prefix):
        return False
    return len(name) <= 63 and _NAME.fullmatch(name) is not None


def is_value(text: str) -> bool:
    """A label's value."""
    return not text or (len(text) <= 63 and _NAME.fullmatch(text) is not None)


def is_port_name(text: str) -> bool:
    """IANA_SVC_NAME."""
    return (
        len(text) <= 15
        and _PORT.fullmatch(text) is not None
        and "--" not in text
        and not text.replace("-", "").isdigit()
    )


def is_file_key(text: str) -> bool:
    """A key of a ConfigMap or Secret, which becomes a file's name."""
    if len(text) > 253 or not _KEY.fullmatch(text):
        return False
    return text != "." and not text.startswith("..")


def is_variable(text: str, *, relaxed: bool) -> bool:
    """A name of an environment variable; nearly everything is one since Kubernetes 1.32."""
    if relaxed:
        return _PRINTABLE.fullmatch(text) is not None
    return _VARIABLE.fullmatch(text) is not None and text != "." and not text.startswith("..")


def is_header(text: str) -> bool:
    """A name of an HTTP header."""
    return _HEADER.fullmatch(text) is not None


def is_owned(text: str) -> bool:
    """A domain and a path below it."""
    domain, _, path = text.partition("/")
    return is_subdomain(domain) and _OWNED.fullmatch(path) is not None


def is_search(text: str) -> bool:
    """A domain that names are searched in."""
    plain = text if text == "." else text.removesuffix(".")
    return text == "." or (len(plain) <= 253 and _SEARCH.fullmatch(plain) is not None)


def is_outside(path: str) -> bool:
    """A path that leaves the folder that it is meant to lie in."""
    return path.startswith("/") or ".." in path.split("/")


def is_percent(text: str) -> bool:
    """Such as `25%`."""
    return _PERCENT.fullmatch(text) is not None

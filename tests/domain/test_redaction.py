"""Secrets are masked, and nothing else is."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tidegate.domain.redaction import MASK, redact, secrets_of

SECRETS = st.text(
    st.characters(blacklist_categories=["Cs"], blacklist_characters="*"), min_size=6, max_size=40
).filter(lambda text: text == text.strip())


@given(SECRETS, st.text(), st.text())
@example('pä"ss\\word', "", "")
def test_a_known_secret_never_survives(secret: str, before: str, after: str) -> None:
    (known,) = secrets_of({"MY_TOKEN": secret})
    text = f"{before} {secret} {after}"
    assert secret not in redact(text, [known])
    assert json.dumps(secret)[1:-1] not in redact(json.dumps(text), [known])
    assert quote(secret, safe="") not in redact(quote(text, safe=""), [known])


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126, blacklist_characters="/<>*"),
               min_size=8, max_size=30))  # fmt: skip
def test_a_password_in_a_url_never_survives(password: str) -> None:
    for scheme in ("https", "git+https", "postgresql", "sqlite"):
        text = f"fatal: unable to access '{scheme}://ann:{password}@example.com/x.git/': 403"
        shown = redact(text)
        assert password not in shown
        assert f"{scheme}://{MASK}@example.com/x.git" in shown


@pytest.mark.parametrize(
    "text",
    [
        "https://token@example.com/x",
        "https://ann:p@ss@example.com/x",
        "https://ann:pa/ss@example.com/x",
        "https://ann:p/a/s@s@example.com/x",
        "https://:pass@example.com",
        "HTTPS://ANN:PASS@EXAMPLE.COM",
        "(https://ann:pass@[::1]:5000/x)",
    ],
)
def test_credentials_of_any_shape_are_masked(text: str) -> None:
    shown = redact(text)
    for part in ("ann", "ANN", "pa", "PASS", "@ss", "token"):
        assert part not in shown
    assert MASK in shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "registry.example.com/x@sha256:" + "a" * 64,
        "https://registry.example.com/v2/x@sha256:" + "a" * 64,
        "https://registry.example.com:5000/x@sha256:" + "a" * 64,
        "oci://registry.example.com:443/x:v1@sha256:" + "a" * 64,
        "registry.example.com:5000/shop/x:v1@sha256:" + "a" * 64,
        "Ann <ann@example.com> https://example.com/ann",
        "see https://example.com/a?b=c&d=e#f and write to ann@example.com",
        "git@github.com:shop/models.git",
        "models:/shop@candidate",
        "shop@4 sha256:" + "b" * 64,
        "the token of the run, the password of nobody, a secret ingredient",
        "file:///srv/git/x.git",
        "sqlite:////srv/mlflow.db",
        "http://127.0.0.1:5000/api/2.0/mlflow",
        "commit " + "0123456789abcdef" * 2 + "01234567",
        "author: ann, authorized by bob",
    ],
)
def test_text_without_secrets_stays_whole(text: str) -> None:
    assert redact(text) == text
    assert redact(text, secrets_of({"HOME": "/root", "PATH": "/usr/bin", "TOKEN": "x"})) == text


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Basic c2VjcmV0OnNlY3JldA==",
        "authorization='Bearer c2VjcmV0OnNlY3JldA=='",
        "{'Authorization': 'Bearer c2VjcmV0OnNlY3JldA=='}",
        "Proxy-Authorization: c2VjcmV0OnNlY3JldA==",
        "bearer c2VjcmV0OnNlY3JldA==",
        "ghp_" + "c2VjcmV0OnNlY3JldA" * 2,
        "github_pat_" + "c2VjcmV0OnNlY3JldA" * 2,
        "glpat-c2VjcmV0OnNlY3JldA",
        "https://example.com/x?access_token=c2VjcmV0OnNlY3JldA&y=1",
        "https://blob.example.com/x?X-Amz-Signature=c2VjcmV0OnNlY3JldA",
        "eyJhbGciOiJIUzI1NiJ9.eyJc2VjcmV0OnNlY3JldA.c2VjcmV0OnNlY3JldA".replace("On", "aa"),
    ],
)
def test_what_looks_like_a_secret_is_masked(text: str) -> None:
    shown = redact(text)
    assert MASK in shown
    assert "c2VjcmV0" not in shown


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("MLFLOW_TRACKING_TOKEN", True),
        ("MLFLOW_TRACKING_PASSWORD", True),
        ("AWS_SECRET_ACCESS_KEY", True),
        ("db_pass", True),
        ("GPG_PASSPHRASE", True),
        ("OPENAI_API_KEY", True),
        ("TIDEGATE_GITHUB_APP_KEY", True),
        ("PATH", False),
        ("COMPASS_DIRECTION", False),
        ("BYPASS", False),
    ],
)
def test_which_variables_are_secret(name: str, secret: bool) -> None:
    assert secrets_of({name: " value-of-it "}) == (("value-of-it",) if secret else ())


def test_long_secrets_are_masked_before_those_that_they_begin_with() -> None:
    known = secrets_of({"A_TOKEN": "abcdef", "B_TOKEN": "abcdefghij"})
    assert redact("abcdefghij abcdef", known) == f"{MASK} {MASK}"


def test_short_values_are_not_taken_for_secrets() -> None:
    assert secrets_of({"USE_TOKEN": "true", "TOKEN": ""}) == ()


@given(st.text(max_size=5000))
def test_no_text_breaks_it(text: str) -> None:
    assert isinstance(redact(text), str)


@pytest.mark.parametrize("text", ["https://" + "a" * 200_000, "a://" * 50_000, "x:" * 50_000])
def test_long_text_takes_no_long_time(text: str) -> None:
    assert redact(text) == text

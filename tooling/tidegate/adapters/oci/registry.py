"""Registries over the OCI distribution API: digests of tags, and whether a digest is there."""

from __future__ import annotations

from tidegate.adapters.http import Answer, Http
from tidegate.adapters.oci import manifest
from tidegate.adapters.oci.authorization import TokenService, parse_challenges
from tidegate.adapters.oci.credentials import DockerCredentials
from tidegate.adapters.oci.hosts import api_host, speaks_plain_http
from tidegate.domain.image import ImageRef
from tidegate.errors import NotFound, OutsideError

_REDIRECTS = 5


class Registry:
    """Asks registries. Safe for several threads at once; what a repository was opened with is
    remembered for the next question."""

    def __init__(
        self, http: Http, credentials: DockerCredentials, plain_http: frozenset[str]
    ) -> None:
        self._http, self._credentials, self._plain_http = http, credentials, plain_http
        self._tokens = TokenService(http, plain_http)
        self._opened: dict[tuple[str, str], str] = {}

    def digest(self, image: ImageRef, tag: str) -> str:
        """The digest that the tag points at, checked against the manifest's bytes.

        Raises NotFound, Unreachable, and OutsideError for refused credentials, for a digest that
        isn't that of the manifest, and for an answer that is no manifest.
        """
        answer = self._ask("GET", image, tag)
        if answer.status == 404:
            raise NotFound(f"{image.registry} has no image {image.name}:{tag}")
        return _checked_digest(answer, image)

    def has(self, image: ImageRef, digest: str) -> bool:
        """Whether the digest is there; raises as `digest` for the rest."""
        answer = self._ask("HEAD", image, digest)
        if answer.status == 404:
            return False
        found = answer.headers.get("docker-content-digest")
        if answer.status != 200 or found is None:
            # Some registries answer HEAD badly; the manifest itself leaves no doubt.
            answer = self._ask("GET", image, digest)
            if answer.status == 404:
                return False
            found = _checked_digest(answer, image)
        if found != digest:
            raise OutsideError(f"{image.registry} answers {found} when asked for {image}")
        return True

    def _ask(self, method: str, image: ImageRef, reference: str) -> Answer:
        host = api_host(image.registry)
        scheme = "http" if speaks_plain_http(host, self._plain_http) else "https"
        url = f"{scheme}://{host}/v2/{image.repository}/manifests/{reference}"
        key = (image.registry, image.repository)
        headers = {"Accept": ", ".join(manifest.MEDIA_TYPES)}
        if key in self._opened:
            headers["Authorization"] = self._opened[key]
        answer = self._http.request(method, url, headers=headers, redirects=_REDIRECTS)
        if answer.status == 401:
            if answer.redirected:
                # Only the registry itself may say whom its credentials are for.
                raise OutsideError(f"{image.registry} redirects to a host that asks for a login")
            authorization = self._authorization(image, answer)
            headers["Authorization"] = authorization
            answer = self._http.request(method, url, headers=headers, redirects=_REDIRECTS)
            if answer.status not in (401, 403):
                self._opened[key] = authorization
        if answer.status in (401, 403):
            raise _refused(image)
        return answer

    def _authorization(self, image: ImageRef, answer: Answer) -> str:
        challenges = parse_challenges(answer.headers.get("www-authenticate", ""))
        credentials = self._credentials.find(image.registry)
        for challenge in challenges:
            if challenge.scheme == "bearer":
                token = self._tokens.token(challenge, image.repository, credentials)
                if token is not None:
                    return f"Bearer {token}"
            elif credentials is not None and credentials.identity_token is None:
                return credentials.basic
        raise _refused(image)


def _checked_digest(answer: Answer, image: ImageRef) -> str:
    where = f"the answer of {image.registry} for {image}"
    if answer.status != 200:
        raise OutsideError(f"{image.registry} answered {image} with status {answer.status}")
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in manifest.MEDIA_TYPES:
        raise OutsideError(
            f"{where} is of type {kind[:80] or 'unknown'!r}, not an image manifest",
            hint="is this the address of a registry, and is no login page in between?",
        )
    if len(answer.body) > manifest.SIZE_LIMIT:
        raise OutsideError(f"{where} has more than {manifest.SIZE_LIMIT} bytes")
    manifest.require_manifest(answer.body, where)
    actual = manifest.digest_of(answer.body)
    claimed = answer.headers.get("docker-content-digest")
    if claimed is not None and claimed != actual:
        raise OutsideError(f"{where} says that its digest is {claimed[:80]}, but it is {actual}")
    return actual


def _refused(image: ImageRef) -> OutsideError:
    return OutsideError(
        f"{image.registry} refuses access to {image.name}; some registries say so of what isn't"
        " there, too",
        hint=f"run `docker login {image.registry}` with an account that may pull it",
    )

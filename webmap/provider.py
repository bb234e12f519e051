"""Signing in at a provider of the site's own: OpenID Connect, authorization code with PKCE.

Authlib speaks to the provider; what comes back is believed only as far as its signature, by a key
that the provider publishes, and its claims go. Who somebody is here, the database says.
"""

import json
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import requests
import urllib3
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from gis.errors import ConfigError, OneMapError
from gis.settings import LOOPBACK_HOSTS, Settings
from webmap.errors import ProviderFailed
from webmap.provider_links import link_to

_DISCOVERY: Final = "/.well-known/openid-configuration"
_ALGORITHMS: Final = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384"]
"""Signed with a key only the provider has; never `none`, never one made of our own secret."""
_LEEWAY_S: Final = 60
"""Clocks of two servers differ by that much."""
_OLDEST_S: Final = 600
"""A token is asked for while a person waits."""
_TIMEOUT_S: Final = (3, 5)
"""To connect and between two pieces of an answer: a thread of this server waits meanwhile."""
_LONGEST_ANSWER: Final = 1_000_000
_KEPT_S: Final = 3600
"""Addresses and keys of a provider are asked for anew after that; when it does not answer then,
they count as long again."""
_PAUSE_S: Final = 30
"""Between two looks for a key that is not there, and after a provider did not answer: whatever
strangers send makes this server ask no more often."""


@dataclass(frozen=True)
class Wait:
    """What a browser holds while its person is at the provider."""

    state: str
    nonce: str
    verifier: str
    onward: str

    def written(self) -> str:
        """As a cookie keeps it."""
        return json.dumps(vars(self), separators=(",", ":"))


def read_wait(written: str | None) -> Wait | None:
    """What a cookie held; null for what is none of ours."""
    try:
        said = json.loads(written or "")
        return Wait(**{name: str(said[name]) for name in ("state", "nonce", "verifier", "onward")})
    except (ValueError, KeyError, TypeError):
        return None


@dataclass(frozen=True)
class _Told:
    """What a provider says of itself."""

    metadata: dict[str, Any]
    keys: KeySet


class _Published:
    """What a provider publishes, asked for by one thread at a time while no other waits for it."""

    def __init__(self, issuer: str) -> None:
        self._issuer: Final = issuer
        self._told: _Told | None = None
        self._told_at = self._failed_at = float("-inf")
        self._asking = threading.Lock()

    def read(self, *, is_new: bool = False) -> _Told:
        """What was told last, or now.

        Args:
            is_new: What was told half a minute ago may be outdated.

        Raises:
            ProviderFailed: It does not answer as one, did not just now, or another thread asks
                it for the first time.
        """
        now = time.monotonic()
        if self._told is not None and now - self._told_at < (_PAUSE_S if is_new else _KEPT_S):
            return self._told
        if now - self._failed_at < _PAUSE_S or not self._asking.acquire(blocking=False):
            return self._old(ProviderFailed("provider.no_answer"))
        try:
            self._told = _ask(self._issuer)
            self._told_at = time.monotonic()
        except (ProviderFailed, ConfigError) as error:
            self._failed_at = time.monotonic()
            return self._old(error)
        finally:
            self._asking.release()
        return self._told

    def _old(self, error: OneMapError) -> _Told:
        if self._told is None or time.monotonic() - self._told_at > 2 * _KEPT_S:
            raise error
        return self._told


class Provider:
    """The one provider people of this server may sign in at.

    Args:
        settings: With an issuer.

    Raises:
        ConfigError: It is not reached over https, or its secret cannot be read.
    """

    def __init__(self, settings: Settings) -> None:
        assert settings.oidc_issuer is not None  # noqa: S101 -- else nobody makes one
        self.issuer: Final = settings.oidc_issuer
        self.client_id: Final = settings.oidc_client_id or ""
        self._settings: Final = settings
        self._claim: Final = settings.oidc_claim
        self._secret: Final = _secret(settings.oidc_secret_file)
        self._published: Final = _Published(self.issuer)
        self._silent_at = float("-inf")
        _require_private(self.issuer)
        if not self.client_id:
            raise ConfigError("provider.no_client")

    def begin(self, return_to: str, wait: Wait) -> str:
        """The address at the provider to go to.

        Raises:
            ProviderFailed: It does not answer as one, or gave no token just now: nobody is sent
                there who could not come back.
        """
        self._refuse_while_silent()
        try:
            address, _ = self._client(return_to).create_authorization_url(
                self._published.read().metadata["authorization_endpoint"],
                state=wait.state,
                nonce=wait.nonce,
                code_verifier=wait.verifier,
            )
        except (OAuthError, KeyError) as error:
            raise ProviderFailed("provider.no_answer") from error
        return str(address)

    def subject(self, return_to: str, code: str, wait: Wait) -> str:
        """Whom the provider says a code is of, as accounts are linked to it.

        Raises:
            ProviderFailed: It does not answer or did not just now, refuses the code, or says what
                is not to be believed: another issuer, audience or nonce, an old token, a wrong
                signature.
        """
        self._refuse_while_silent()
        try:
            token = self._client(return_to).fetch_token(
                self._published.read().metadata["token_endpoint"],
                code=code,
                code_verifier=wait.verifier,
                timeout=_TIMEOUT_S,
                allow_redirects=False,
            )
            claims = self._claims(str(token["id_token"]), wait.nonce)
        except (requests.ConnectionError, requests.Timeout) as error:
            # Else each person would hold a thread of this server until it is given up again.
            self._silent_at = time.monotonic()
            raise ProviderFailed("provider.no_answer") from error
        except (OAuthError, KeyError, ValueError, requests.RequestException) as error:
            raise ProviderFailed("provider.refused") from error
        self._silent_at = float("-inf")
        stated = claims.get(self._claim)
        link = link_to(self._settings, stated) if isinstance(stated, str) else None
        # An address that was never tried may be anybody's.
        is_tried = self._claim != "email" or claims.get("email_verified") is True
        if link is None or not is_tried:
            raise ProviderFailed("provider.refused")
        return link

    def _refuse_while_silent(self) -> None:
        if time.monotonic() - self._silent_at < _PAUSE_S:
            raise ProviderFailed("provider.no_answer")

    def _client(self, return_to: str) -> OAuth2Session:
        session = OAuth2Session(
            self.client_id,
            self._secret,
            scope="openid",
            redirect_uri=return_to,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_basic" if self._secret else "none",
        )
        session.trust_env = False
        return session

    def _claims(self, token: str, nonce: str) -> dict[str, Any]:
        try:
            claims = self._decoded(token).claims
            registry = jwt.JWTClaimsRegistry(
                leeway=_LEEWAY_S,
                iss={"essential": True, "value": self.issuer},
                aud={"essential": True, "value": self.client_id},
                exp={"essential": True},
                iat={"essential": True},
                sub={"essential": True},
                nonce={"essential": True, "value": nonce},
            )
            registry.validate(claims)
        except JoseError as error:
            raise ProviderFailed("provider.refused") from error
        is_for_others = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if claims.get("azp", self.client_id if not is_for_others else None) != self.client_id:
            raise ProviderFailed("provider.refused")
        if claims["iat"] < time.time() - _OLDEST_S - _LEEWAY_S:
            raise ProviderFailed("provider.refused")
        return dict(claims)

    def _decoded(self, token: str) -> jwt.Token:
        try:
            return jwt.decode(token, self._published.read().keys, algorithms=_ALGORITHMS)
        except (JoseError, ValueError):
            # The provider may have changed its keys since.
            keys = self._published.read(is_new=True).keys
            return jwt.decode(token, keys, algorithms=_ALGORITHMS)


def _ask(issuer: str) -> _Told:
    known = _answer(f"{issuer.rstrip('/')}{_DISCOVERY}")
    if known.get("issuer") != issuer:
        raise ProviderFailed("provider.no_answer")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        if not isinstance(known.get(name), str):
            raise ProviderFailed("provider.no_answer")
        _require_private(known[name])
    try:
        return _Told(known, KeySet.import_key_set(_answer(known["jwks_uri"])))  # type: ignore[arg-type]
    except (JoseError, ValueError, KeyError) as error:
        raise ProviderFailed("provider.no_answer") from error


def _answer(address: str) -> dict[str, Any]:
    """A JSON object of the provider; neither redirects are followed nor proxies of the system."""
    try:
        with requests.Session() as session:
            session.trust_env = False
            response = session.get(address, timeout=_TIMEOUT_S, allow_redirects=False, stream=True)
            content = response.raw.read(_LONGEST_ANSWER, decode_content=True)
        said = json.loads(content) if response.status_code == 200 else None
    except (requests.RequestException, urllib3.exceptions.HTTPError, ValueError) as error:
        raise ProviderFailed("provider.no_answer") from error
    if not isinstance(said, dict):
        raise ProviderFailed("provider.no_answer")
    return said


def _require_private(address: str) -> None:
    """Only over https: who reads along else could sign in; this very machine excepted."""
    parts = urlsplit(address)
    if parts.scheme != "https" and not (
        parts.scheme == "http" and parts.hostname in LOOPBACK_HOSTS
    ):
        raise ConfigError("provider.not_https", address=address[:100])


def _secret(file: Path | None) -> str | None:
    if file is None:
        return None
    try:
        return file.read_text(encoding="utf-8").strip() or None
    except OSError as error:
        raise ConfigError("provider.no_secret", path=str(file)) from error

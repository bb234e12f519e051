"""A provider of OpenID Connect over real HTTP, by Authlib's own server, and ways to make it lie."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import ClientMixin, grants
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import UserInfo
from authlib.oidc.core.grants import OpenIDCode
from flask import Flask, Response, jsonify, request
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

CLIENT = "onemap-test"
SECRET = "kept in a file"


class _Client(ClientMixin):
    def get_client_id(self) -> str:
        return CLIENT

    def get_default_redirect_uri(self) -> str:
        return ""

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri.endswith("/sign-in/provider/return")

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass
class _Code:
    code: str
    user: str
    redirect_uri: str
    scope: str
    nonce: str | None
    code_challenge: str | None
    code_challenge_method: str | None

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str | None:
        return self.nonce

    def get_auth_time(self) -> int:
        return int(time.time())

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> None:
        return None


def _set(event: threading.Event) -> threading.Event:
    event.set()
    return event


@dataclass
class ProviderAtWork:
    """The running provider.

    Args:
        issuer: Its address.
        user: Who is signed in there, as it calls them.
        bend: Changes the claims of a token before it is signed.
        sign: Makes the token of claims; by the published key unless a test says otherwise.
    """

    issuer: str = ""
    user: str = "zhang.san"
    bend: Callable[[dict[str, Any]], None] = lambda claims: None
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(parameters={"kid": "one"}))
    sign: Callable[[dict[str, Any], RSAKey], str] | None = None
    is_code_kept: bool = False
    """Whether a code may be used twice, as by a careless provider."""
    kept_token: str | None = None
    """A token to answer with instead of a new one."""
    last_token: str = ""
    codes: dict[str, _Code] = field(default_factory=dict)
    tells_issuer: str | None = None
    tells_tokens_at: str | None = None
    """Another address to have tokens from."""
    is_asked: threading.Event = field(default_factory=threading.Event)
    may_tell: threading.Event = field(default_factory=lambda: _set(threading.Event()))
    """What it publishes is held back until then."""
    breaks_off: tuple[dict[str, str], bytes] | None = None
    """Headers and content to answer with as they stand, instead of what it publishes."""

    def signed(self, claims: dict[str, Any]) -> str:
        """The token that is answered with."""
        self.bend(claims)
        if self.kept_token is not None:
            return self.kept_token
        if self.sign is not None:
            self.last_token = self.sign(claims, self.key)
        else:
            header = {"alg": "RS256", "kid": self.key.kid}
            self.last_token = jwt.encode(header, claims, self.key)
        return self.last_token


def _app(provider: ProviderAtWork) -> Flask:  # noqa: C901 -- a server of seven short answers
    app = Flask("provider")
    client = _Client()

    class CodeGrant(grants.AuthorizationCodeGrant):  # type: ignore[misc]
        TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic",)

        def save_authorization_code(self, code: str, asked: Any) -> None:
            said = asked.payload.data
            provider.codes[code] = _Code(
                code, asked.user, asked.payload.redirect_uri, asked.payload.scope,
                said.get("nonce"), said.get("code_challenge"), said.get("code_challenge_method"),
            )  # fmt: skip

        def query_authorization_code(self, code: str, client: Any) -> _Code | None:
            return provider.codes.get(code)

        def delete_authorization_code(self, authorization_code: _Code) -> None:
            if not provider.is_code_kept:
                provider.codes.pop(authorization_code.code)

        def authenticate_user(self, authorization_code: _Code) -> str:
            return authorization_code.user

    class Tokens(OpenIDCode):  # type: ignore[misc]
        def exists_nonce(self, nonce: str, asked: Any) -> bool:
            return any(one.nonce == nonce for one in provider.codes.values())

        def generate_user_info(self, user: str, scope: str) -> Any:
            return UserInfo(sub=f"number of {user}", account=user)

        def encode_id_token(self, token: Any, asked: Any) -> str:
            moment = int(time.time())
            claims = {"iss": provider.issuer, "aud": CLIENT, "iat": moment, "exp": moment + 300}
            claims |= self.get_authorization_code_claims(asked.authorization_code)
            claims |= self.generate_user_info(asked.user, token["scope"])
            return provider.signed(claims)

    server = AuthorizationServer(
        app, query_client=lambda name: client if name == CLIENT else None,
        save_token=lambda token, asked: None,
    )  # fmt: skip
    server.register_grant(CodeGrant, [Tokens(require_nonce=True), CodeChallenge(required=True)])

    @app.get("/.well-known/openid-configuration")
    def metadata() -> Response:
        at = provider.issuer
        provider.is_asked.set()
        provider.may_tell.wait(timeout=4)
        if provider.breaks_off is not None:
            return Response(provider.breaks_off[1], headers=provider.breaks_off[0])
        return jsonify(
            issuer=provider.tells_issuer or at,
            authorization_endpoint=f"{at}/authorize",
            token_endpoint=provider.tells_tokens_at or f"{at}/token",
            jwks_uri=f"{at}/keys",
        )

    @app.get("/keys")
    def keys() -> Response:
        return jsonify(keys=[provider.key.as_dict(private=False)])

    @app.get("/authorize")
    def authorize() -> Any:
        granted = server.get_consent_grant(end_user=provider.user)
        return server.create_authorization_response(grant_user=provider.user, grant=granted)

    @app.post("/token")
    def token() -> Any:
        return server.create_token_response(request)

    return app


@contextmanager
def provider_at_work() -> Iterator[ProviderAtWork]:
    """A provider on a free port of this machine, until the block ends."""
    provider = ProviderAtWork()
    server = make_server("127.0.0.1", 0, _app(provider), threaded=True)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

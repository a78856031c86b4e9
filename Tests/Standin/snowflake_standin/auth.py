"""Who asks: key-pair tokens checked against the registered keys, access tokens, OAuth tokens."""

from __future__ import annotations

import base64
import secrets
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from .home import Credentials
from .security.users import User, Users, fingerprint_of

HOUR, SKEW = 3600, 60
KEYPAIR, OAUTH, PAT = "KEYPAIR_JWT", "OAUTH", "PROGRAMMATIC_ACCESS_TOKEN"


class Refused(Exception):
    """401, with Snowflake's code."""

    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code, self.message = code, f"{message} [{uuid4()}]"


def invalid_jwt(reason: str) -> Refused:
    return Refused("390144", f"JWT token is invalid ({reason}).")


class Caller(NamedTuple):
    """Who holds a good token, and how it was proved."""

    token: str
    user: str
    factor: str


def written(key: rsa.RSAPublicKey) -> str:
    """A public key as RSA_PUBLIC_KEY holds it."""
    return base64.b64encode(key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)).decode()


class Authenticator:
    def __init__(self, credentials: Credentials, users: Users):
        self.credentials, self.users = credentials, users
        own = users.get(credentials.user)
        own.rsa_public_key, own.rsa_public_key_2 = (written(key) for key in credentials.public_keys)
        own.has_pat = True

    def check(self, headers: Mapping[str, str]) -> Caller:
        """The caller, once the token is found good."""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Refused("390101", "Authorization header not found in the request data.")
        token = token.strip()
        kind = headers.get("x-snowflake-authorization-token-type", "").upper() or _guess(token)
        if kind == KEYPAIR:
            user = self._check_jwt(token)
            if user.disabled:
                raise Refused("390101", "User access disabled. Contact your local system admin.")
            return Caller(token, user.name, "RSA_KEYPAIR")
        if kind == PAT:
            if not secrets.compare_digest(token, self.credentials.access_token):
                raise Refused("390303", "Programmatic access token is invalid.")
        elif kind == OAUTH:
            if not secrets.compare_digest(token, self.credentials.oauth_token):
                raise Refused("390303", "Invalid OAuth access token.")
        else:
            raise Refused("390303", f"The token type {kind} is not supported by the stand-in.")
        return Caller(token, self.credentials.user, "OAUTH_ACCESS_TOKEN" if kind == OAUTH else kind)

    def _check_jwt(self, token: str) -> User:
        options = {"verify_exp": False, "verify_iat": False, "verify_nbf": False, "verify_iss": False, "verify_sub": False}
        try:
            unverified = jwt.decode(token, options={**options, "verify_signature": False})
            issuer = str(unverified.get("iss", ""))
            name, _, digest = issuer.partition(".SHA256:")
            user = self.users.by_key(f"SHA256:{digest}")
            if user is None:
                raise invalid_jwt("the key of iss is not registered")
            key = _public(next(k for k in (user.rsa_public_key, user.rsa_public_key_2) if fingerprint_of(k) == f"SHA256:{digest}"))
            claims = jwt.decode(token, key, algorithms=["RS256"], options=options)
        except jwt.PyJWTError as error:
            raise invalid_jwt(str(error)) from None
        expected = f"{self.credentials.account}.{user.name}"
        if name != expected or claims.get("sub") != expected:
            raise invalid_jwt(f"iss or sub does not name {expected}")
        issued, expires = _seconds(claims, "iat"), _seconds(claims, "exp")
        now = time.time()
        if issued > now + SKEW:
            raise invalid_jwt("iat is in the future")
        if now >= expires or now >= issued + HOUR:
            raise invalid_jwt("the token has expired")
        return user


@lru_cache(maxsize=64)
def _public(key: str) -> rsa.RSAPublicKey:
    body = "".join(line for line in key.splitlines() if not line.startswith("-----"))
    return serialization.load_der_public_key(base64.b64decode(body))  # type: ignore[return-value]


def _guess(token: str) -> str:
    """Without the header Snowflake looks at the token."""
    if token.count(".") == 2:
        return KEYPAIR
    return PAT if token.startswith("pat-") else OAUTH


def _seconds(claims: Mapping[str, object], name: str) -> float:
    """Whole seconds or milliseconds; anything else is refused, as fractions of seconds must be."""
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        raise invalid_jwt(f"{name} is not a whole number")
    return value / 1000 if value > 10**11 else float(value)

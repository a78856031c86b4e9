"""Tokens: which are taken, which are refused, and with what code."""

from __future__ import annotations

import stat
import time
from typing import Any

import jwt
import pytest
from conftest import Api, fingerprint
from cryptography.hazmat.primitives.asymmetric import rsa


def code(api: Api, token: str, kind: str | None = "KEYPAIR_JWT") -> str | None:
    answer = api.post("SELECT 1 AS A", headers=api.headers(token, kind))
    assert answer.status in (200, 401)
    return None if answer.status == 200 else answer.body["code"]


def test_good_tokens(api: Api) -> None:
    assert code(api, api.jwt()) is None
    assert code(api, api.jwt(), None) is None
    assert code(api, api.jwt("standin_encrypted")) is None
    now = int(time.time() * 1000)
    assert code(api, api.jwt(iat=now, exp=now + 60_000)) is None
    pat, oauth = api.connections["standin_pat"]["token"], api.connections["standin_oauth"]["token"]
    assert code(api, pat, "PROGRAMMATIC_ACCESS_TOKEN") is None
    assert code(api, oauth, "OAUTH") is None
    assert code(api, pat, None) is None


@pytest.mark.parametrize(
    "claims",
    [
        {"iat": time.time() + 0.5},
        {"exp": time.time() + 600.5},
        {"iat": None},
        {"exp": None},
        {"exp": int(time.time()) - 1},
        {"iat": int(time.time()) - 3601, "exp": int(time.time()) + 600},
        {"iat": int(time.time()) + 600, "exp": int(time.time()) + 1200},
        {"iss": "PARITYORG-STANDIN.PARITY"},
        {"iss": "PARITYORG-STANDIN.PARITY.SHA256:AAAA"},
        {"sub": "PARITYORG-STANDIN.OTHER"},
        {"sub": "parityorg-standin.parity"},
    ],
    ids=str,
)
def test_bad_claims(api: Api, claims: dict[str, Any]) -> None:
    assert code(api, api.jwt(**claims)) == "390144"


def test_foreign_keys_and_algorithms(api: Api) -> None:
    now, name = int(time.time()), "PARITYORG-STANDIN.PARITY"
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    claims = {"iss": f"{name}.{fingerprint(other)}", "sub": name, "iat": now, "exp": now + 60}
    assert code(api, jwt.encode(claims, other, "RS256")) == "390144"
    claims["iss"] = f"{name}.{fingerprint(api.key())}"
    assert code(api, jwt.encode(claims, other, "RS256")) == "390144"
    assert code(api, jwt.encode(claims, "secret-secret-secret-secret-secret", "HS256")) == "390144"
    assert code(api, jwt.encode(claims, None, "none")) == "390144"


def test_wrong_kinds(api: Api) -> None:
    pat = api.connections["standin_pat"]["token"]
    assert code(api, pat, "OAUTH") == "390303"
    assert code(api, api.jwt(), "PROGRAMMATIC_ACCESS_TOKEN") == "390303"
    assert code(api, pat, "KEYPAIR_JWT") == "390144"
    assert code(api, "nonsense", "OAUTH") == "390303"
    headers = {k: v for k, v in api.headers().items() if k != "Authorization"}
    assert api.post("SELECT 1", headers=headers).status == 401


def test_polls_and_cancels_need_a_token_too(api: Api) -> None:
    answer = api.run("SELECT 1 AS A")
    bad = api.headers("nonsense", "OAUTH")
    path = f"/api/v2/statements/{answer.handle}"
    assert api.request("GET", path, None, bad).status == 401
    assert api.request("POST", path + "/cancel", None, bad).status == 401


def test_secrets_are_private(api: Api) -> None:
    for name in ("connections.toml", "rsa_key.p8", "rsa_key_encrypted.p8"):
        assert stat.S_IMODE((api.home / name).stat().st_mode) == 0o600
    assert b"ENCRYPTED" in (api.home / "rsa_key_encrypted.p8").read_bytes()

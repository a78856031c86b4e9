"""The home directory: fresh keys and tokens, and the connections.toml that names them."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from .session import ACCOUNT, ORGANIZATION, USER

PRIVATE = 0o600


@dataclass
class Credentials:
    """What the server accepts. Made anew at each start, so nothing here is worth keeping."""

    account: str
    user: str
    public_keys: list[rsa.RSAPublicKey]
    access_token: str
    oauth_token: str
    password: str


def write_private(path: Path, data: bytes) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE), "wb") as file:
        file.write(data)


@dataclass
class Keys:
    """Where the private keys are, and the passphrase of the encrypted one."""

    plain: Path
    encrypted: Path
    passphrase: str


def create(home: Path) -> tuple[Credentials, Keys]:
    """Keys and tokens; the private keys are written to the home directory."""
    home.mkdir(parents=True, exist_ok=True)
    plain, encrypted = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
    keys = Keys(home / "rsa_key.p8", home / "rsa_key_encrypted.p8", secrets.token_urlsafe(18))
    pkcs8 = serialization.PrivateFormat.PKCS8
    write_private(keys.plain, plain.private_bytes(serialization.Encoding.PEM, pkcs8, serialization.NoEncryption()))
    # BestAvailableEncryption is PBES2 with AES-256-CBC.
    write_private(
        keys.encrypted,
        encrypted.private_bytes(
            serialization.Encoding.PEM, pkcs8, serialization.BestAvailableEncryption(keys.passphrase.encode())
        ),
    )
    credentials = Credentials(
        f"{ORGANIZATION}-{ACCOUNT}", USER, [plain.public_key(), encrypted.public_key()],
        f"pat-{secrets.token_urlsafe(32)}", f"oauth-{secrets.token_urlsafe(32)}", secrets.token_urlsafe(18),
    )
    return credentials, keys


def write_connections(
    home: Path, port: int, credentials: Credentials, keys: Keys, defaults: dict[str, str]
) -> Path:
    """connections.toml, as Snowflake's own tools read it."""
    place = {"account": credentials.account, "user": credentials.user, "host": "127.0.0.1", "port": port, "protocol": "http"}
    key = {"authenticator": "SNOWFLAKE_JWT"}
    connections: dict[str, dict[str, str | int]] = {
        "standin": {**place, **key, "private_key_file": str(keys.plain.resolve()), **defaults},
        "standin_pat": {
            **place, "authenticator": "PROGRAMMATIC_ACCESS_TOKEN", "token": credentials.access_token, **defaults,
        },
        "standin_oauth": {**place, "authenticator": "OAUTH", "token": credentials.oauth_token, **defaults},
        "standin_encrypted": {
            **place, **key, "private_key_file": str(keys.encrypted.resolve()),
            "private_key_file_pwd": keys.passphrase, **defaults,
        },
        "standin_v1": {**place, "password": credentials.password, **defaults},
    }
    lines = []
    for name, values in connections.items():
        lines.append(f"[{name}]")
        lines += [f"{k} = {v if isinstance(v, int) else _quoted(v)}" for k, v in values.items()]
        lines.append("")
    path = home / "connections.toml"
    write_private(path, "\n".join(lines).encode())
    return path


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

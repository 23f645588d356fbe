"""A fresh demo, served as a real house is: behind TLS, under the name its seals are signed for, and with nothing else
around it. `registry demo` plays the story in a process of its own; what it left is then served and looked at.
"""

import asyncio
import contextlib
import os
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from registry.config import Config
from registry.core.ports import free_port

HOST = "127.0.0.1"


class House(msgspec.Struct, frozen=True):
    """Where it stands. `config` is that of the server behind the TLS of `origin`."""

    config: Config
    folder: Path
    certificate: Path

    @property
    def origin(self) -> str:
        return self.config.origin

    @property
    def trust(self) -> dict[str, str]:
        """How other programs are told to believe our certificate."""
        own = str(self.certificate)
        return {"NODE_EXTRA_CA_CERTS": own, "SSL_CERT_FILE": own, "REQUESTS_CA_BUNDLE": own, "SSL_CERT_DIR": ""}

    def codes(self) -> list[str]:
        """Every seal with a credential, the oldest first."""
        files = (self.config.data / "published" / "credentials").glob("*.jwt")
        return [path.stem for path in sorted(files, key=lambda path: (path.stat().st_mtime_ns, path.stem))]

    def lists(self) -> list[str]:
        """Public addresses of the status lists as they are now."""
        files = (self.config.data / "published" / "status").glob("*/*")
        return sorted(f"/log/status/{path.parent.name}/{path.name}" for path in files if path.name.isdigit())


def found(folder: Path) -> House:
    """Ports and a certificate for a house in this folder."""
    certificate = folder / "tls.pem"
    _certify(certificate)
    config = Config(
        data=folder / "data", origin=f"https://localhost:{free_port(HOST)}", host=HOST, port=free_port(HOST), demo=True
    )
    return House(config, folder, certificate)


def play(house: House) -> None:
    """The whole story, from a list of members to seals and a report; in about a minute on an idle machine."""
    config = house.config
    settings = {"REGISTRY_DATA": str(config.data), "REGISTRY_ORIGIN": config.origin, "REGISTRY_HOST": config.host,
                "REGISTRY_PORT": str(config.port), "LANG": "es"}  # fmt: skip
    command = [sys.executable, "-m", "registry", "demo", "--no-serve", "--json", str(house.folder / "demo.json")]
    with (house.folder / "demo.log").open("wb") as log:
        done = subprocess.run(command, env={**os.environ, **settings}, stdout=log, stderr=log)
    if done.returncode:
        raise RuntimeError(f"the demo did not play: {(house.folder / 'demo.log').read_text()[-2000:]}")


@contextlib.contextmanager
def behind_tls(house: House) -> Iterator[None]:
    """TLS in front of the server, as any proxy would put it there; bytes go through as they come."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(house.certificate)
    loop = asyncio.new_event_loop()
    port = int(house.origin.rsplit(":", 1)[1])

    async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while data := await reader.read(1 << 16):
                writer.write(data)
                await writer.drain()
        with contextlib.suppress(OSError, RuntimeError):
            writer.close()

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            inner = await asyncio.open_connection(house.config.host, house.config.port)
        except OSError:
            writer.close()
            return
        await asyncio.gather(pour(reader, inner[1]), pour(inner[0], writer))

    async def serve() -> None:
        await asyncio.start_server(meet, HOST, port, ssl=context)

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(serve(), loop).result(10)
    try:
        yield
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


def _certify(path: Path) -> None:
    """A certificate for localhost, signed by itself, for a day; key and certificate in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address(HOST))])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    path.write_bytes(
        certificate.public_bytes(pem)
        + key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    path.chmod(0o600)

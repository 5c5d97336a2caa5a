"""A real Apache Kafka in a container, for machines with Docker and without Java."""

import secrets
import shutil
import subprocess
import time

from tests.brokers.jars import NoKafka, version
from tests.brokers.jvm import READY_SECONDS
from tests.ports import free_port

_ENVIRONMENT = {
    "KAFKA_NODE_ID": "1",
    "KAFKA_PROCESS_ROLES": "broker,controller",
    "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
    "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@127.0.0.1:9093",
    "KAFKA_LISTENERS": "PLAINTEXT://:9092,CONTROLLER://127.0.0.1:9093",
    "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
    "KAFKA_LOG_DIRS": "/var/lib/kafka/data",
    "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
    "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
    "KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS": "1000",
    "KAFKA_BROKER_SESSION_TIMEOUT_MS": "2000",
    "KAFKA_BROKER_HEARTBEAT_INTERVAL_MS": "200",
    "KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS": "1",
    "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
    "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
    "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
}


class KafkaContainer:
    """One node in a container of its own, with the verbs of KafkaBroker; its data lives as long as the container."""

    one_member_per_group = False

    def __init__(self) -> None:
        if shutil.which("docker") is None or _docker("info", check=False).returncode != 0:
            raise NoKafka("there is no Docker engine that answers")
        self.image = f"apache/kafka:{version()}"
        self.description = f"Apache Kafka {version()} in a Docker container of {self.image}"
        self.bootstrap = f"127.0.0.1:{free_port()}"
        self._name = f"baseyear-tests-{secrets.token_hex(4)}"
        environment = _ENVIRONMENT | {"KAFKA_ADVERTISED_LISTENERS": f"PLAINTEXT://{self.bootstrap}"}
        named = [part for name, value in environment.items() for part in ("--env", f"{name}={value}")]
        made = _docker("create", "--name", self._name, "--publish", f"{self.bootstrap}:9092", *named, self.image, check=False)
        if made.returncode != 0:
            raise NoKafka(f"Docker has no {self.image}: {made.stderr.strip()[-500:]}")

    @property
    def runs(self) -> bool:
        return _docker("inspect", "--format", "{{.State.Running}}", self._name).stdout.strip() == "true"

    @property
    def log(self) -> str:
        return _docker("logs", self._name).stdout

    def start(self) -> None:
        started_before = self.log.count("Kafka Server started")
        _docker("start", self._name)
        until = time.monotonic() + READY_SECONDS
        while self.log.count("Kafka Server started") == started_before:
            assert time.monotonic() < until and self.runs, f"Kafka did not start:\n{self.log[-4_000:]}"
            time.sleep(0.2)

    def stop(self) -> None:
        self.resume()
        _docker("stop", self._name)

    def kill(self) -> None:
        _docker("kill", self._name, check=False)

    def pause(self) -> None:
        _docker("pause", self._name)

    def resume(self) -> None:
        _docker("unpause", self._name, check=False)

    def remove(self) -> None:
        _docker("rm", "--force", "--volumes", self._name)


def _docker(*arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["docker", *arguments], capture_output=True, text=True, check=check)

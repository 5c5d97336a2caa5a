"""The jars of Apache Kafka: named by pom.xml, fetched by Maven once into the ignored folder .cache/kafka of this checkout.

`python -m tests.brokers.jars` fetches them ahead of the tests.
"""

import re
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

POM = Path(__file__).with_name("pom.xml")
CACHE = Path(__file__).parents[2] / ".cache" / "kafka"
OLDEST_JAVA = 17  # what a Kafka broker asks for since 4.0


class NoKafka(RuntimeError):
    """A way to Kafka that this machine does not have; says in words what is missing."""


def version() -> str:
    """The version of Kafka that pom.xml names."""
    found = re.search(r"<kafka.version>(.+)</kafka.version>", POM.read_text())
    assert found is not None
    return found[1]


def java_version() -> int:
    """The Java on this machine's path; raises NoKafka where there is none that can run a broker."""
    if shutil.which("java") is None:
        raise NoKafka("there is no java on the path")
    said = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', said)
    if found is None or int(found[1]) < OLDEST_JAVA:
        raise NoKafka(f"Kafka {version()} needs Java {OLDEST_JAVA}, and this is {said.strip()}")
    return int(found[1])


def jars() -> Path:
    """The folder with the jars, fetched if they are not there yet; raises NoKafka where they cannot be had."""
    folder = CACHE / version()
    if _are_of_this_pom(folder):
        return folder
    if shutil.which("mvn") is None:
        raise NoKafka("there is no Maven (mvn) on the path to fetch Kafka's jars")
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE, ignore_cleanup_errors=True) as fetched:
        command = ["mvn", "-q", "-B", "-f", str(POM), "dependency:copy-dependencies", f"-DoutputDirectory={fetched}"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise NoKafka(f"Maven could not fetch Kafka's jars: {done.stdout.strip()[-500:]}")
        shutil.copy(POM, fetched)
        shutil.rmtree(folder, ignore_errors=True)
        with suppress(OSError):  # another run was faster
            Path(fetched).rename(folder)
    return folder


def _are_of_this_pom(folder: Path) -> bool:
    kept = folder / POM.name
    return kept.exists() and kept.read_text() == POM.read_text()


if __name__ == "__main__":
    print(f"Kafka {version()} for the tests: {jars()}")

"""Apache Kafka in KRaft mode, one JVM, from Maven Central's jars."""

import os
import shutil
import subprocess
from pathlib import Path

from tests.kit.places import ROOT
from tests.servers.server import CannotStart, Server, answers_on, free_port

VERSION = "4.3.0"
_JARS = ROOT / "build" / f"kafka-{VERSION}"
_PROPERTIES = """
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:{port},PROXIED://127.0.0.1:{inner},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port},PROXIED://127.0.0.1:{proxy}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
log.dirs={folder}/data
num.partitions=1
offsets.topic.num.partitions=5
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=5
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
log.retention.check.interval.ms=300000
"""


class Kafka:
    """A broker; ``address`` is its bootstrap server.

    A second listener on ``inner`` tells its clients to come by way of ``proxy``, where whoever wants to cut their
    connections can stand.
    """

    def __init__(self, folder: Path, port: int | None = None) -> None:
        self._folder = folder
        self.version = VERSION
        self.port = port or free_port()
        self.inner = free_port()
        self.proxy = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self._server: Server | None = None

    def start(self) -> None:
        """Start it, the first time on empty storage; raises CannotStart."""
        if self._server is None:
            self._server = self._made()
        self._server.start()

    def stop(self) -> None:
        """An orderly stop."""
        if self._server is not None:
            self._server.stop()

    def kill(self) -> None:
        """As if its machine lost power."""
        if self._server is not None:
            self._server.kill()

    def _made(self) -> Server:
        self._folder.mkdir(parents=True, exist_ok=True)
        properties = self._folder / "server.properties"
        properties.write_text(
            _PROPERTIES.format(
                port=self.port, inner=self.inner, proxy=self.proxy, controller=free_port(), folder=self._folder
            )
        )
        java = _java()
        storage = [*java, "kafka.tools.StorageTool"]
        identity = _ran([*storage, "random-uuid"]).strip().splitlines()[-1]
        _ran([*storage, "format", "-t", identity, "-c", str(properties)])
        return Server("Kafka", [*java, "kafka.Kafka", str(properties)], self._folder, answers_on(self.port))


def _java() -> list[str]:
    """How to run a class of Kafka's; fetches the jars if they are not there. Raises CannotStart."""
    if shutil.which("java") is None:
        raise CannotStart("there is no java (17 or newer)")
    if not list(_JARS.glob(f"kafka_2.13-{VERSION}.jar")):
        if shutil.which("mvn") is None:
            raise CannotStart("there is no mvn, which fetches Kafka's jars")
        pom = Path(__file__).with_name("pom.xml")
        _ran(["mvn", "-q", "-B", "-f", str(pom), "dependency:copy-dependencies", f"-DoutputDirectory={_JARS}"], 900)
    heap = os.environ.get("KAFKA_HEAP_OPTS", "-Xms256m -Xmx512m").split()
    options = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"]
    return ["java", *heap, *options, "-cp", f"{_JARS}/*"]


def _ran(command: list[str], seconds: float = 120) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotStart(f"{command[0]}: {error}") from error
    if done.returncode:
        raise CannotStart(f"{' '.join(command[:6])} ...: {(done.stderr or done.stdout)[-1000:]}")
    return done.stdout

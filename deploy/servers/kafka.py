"""One Kafka broker in KRaft mode, started from its own jars on 127.0.0.1."""

from __future__ import annotations

import base64
import uuid
from dataclasses import dataclass
from pathlib import Path

from deploy.servers import packages, place, process
from deploy.servers.place import Record

NAME = "kafka"
_POM = Path(__file__).with_name("poms") / "kafka.xml"


@dataclass(frozen=True, slots=True)
class KafkaServer:
    """A running broker: `bootstrap` is host:port."""

    bootstrap: str


def install() -> None:
    """Fetch the jars unless they are there."""
    with place.held(NAME, "start"):
        packages.fetch_jars(NAME, _POM)


def start() -> KafkaServer:
    """Return the running broker; start it, and install it, when needed. Accepts connections on return."""
    with place.held(NAME, "start"):
        record = place.read_record(NAME)
        if record is None or not process.is_alive(record):
            record = _launch()
        running = record
        log = place.folder(NAME) / "console.log"
        process.wait_ready(NAME, running, lambda: place.answers(running.port), log=log, timeout_s=120)
    return _server(running)


def stop() -> None:
    """Stop the broker if it runs."""
    with place.held(NAME, "start"):
        record = place.read_record(NAME)
        if record is not None:
            process.stop(record)
        place.write_record(NAME, None)


def status() -> KafkaServer | None:
    """Return the running broker, or None; never starts anything."""
    record = place.read_record(NAME)
    return _server(record) if record is not None and process.is_alive(record) else None


def _server(record: Record) -> KafkaServer:
    return KafkaServer(bootstrap=f"127.0.0.1:{record.port}")


def _launch() -> Record:
    library = packages.fetch_jars(NAME, _POM)
    home, data = place.folder(NAME), place.folder(NAME) / "data"
    port = place.choose_port("SERVERS_KAFKA_PORT", 9092)
    controller = place.choose_port("SERVERS_KAFKA_CONTROLLER_PORT", 9093)
    settings = {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@127.0.0.1:{controller}",
        "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "controller.listener.names": "CONTROLLER",
        "log.dirs": str(data),
        "offsets.topic.replication.factor": "1",
        "offsets.topic.num.partitions": "4",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.num.partitions": "4",
        "transaction.state.log.min.isr": "1",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
        "group.initial.rebalance.delay.ms": "0",
    }
    properties = home / "server.properties"
    properties.write_text("".join(f"{key}={value}\n" for key, value in settings.items()))
    java = [packages.need_command("java", "default-jre-headless"), "-Xms256m", "-Xmx768m", "-cp", f"{library}/*"]
    if not (data / "meta.properties").exists():
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        cure = f"remove {data} and try again"
        form = [*java, "kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(properties)]
        packages.run_or_explain(form, cure=cure, timeout_s=120)
    pid, mark = process.launch([*java, "kafka.Kafka", str(properties)], log=home / "console.log", cwd=home)
    record = Record(pid=pid, mark=mark, port=port, second_port=controller, password="")
    place.write_record(NAME, record)
    return record

"""What a sandbox of each profile must answer before it is ready, and before somebody who claims it gets it."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.drivers.namespace import engine


@dataclass(frozen=True)
class Wait:
    """One step of a sandbox's making. `what` is what wait-ready, inside, waits for."""

    title: str
    what: str
    failure: str


DOCKER = Wait(
    "Starting the Docker engine", "docker", "The Docker engine in the sandbox did not start; try again."
)
NODE = Wait("Starting the node", "node", "The cluster's node did not become ready; try again.")
CLUSTER = (
    Wait("Starting containerd", "containerd", "containerd in the sandbox did not start; try again."),
    Wait("Starting the API server", "api", "The cluster's API server did not start; try again."),
    NODE,
    DOCKER,
)


def waits(profile: str) -> tuple[Wait, ...]:
    """In their order."""
    return CLUSTER if profile == "kubernetes" else (DOCKER,)


def argv(wait: Wait) -> list[str]:
    """The command that ends with 0, inside, once that answers."""
    return ["/usr/lib/lab/wait-ready", wait.what]


def answers(profile: str, seconds: float) -> list[str]:
    """The command that ends with 0, inside, when the engine answers within so many seconds; with a cluster, when
    its API says so of the node."""
    if profile != "kubernetes":
        return engine.ping(seconds)
    return ["timeout", f"{seconds:g}", *argv(NODE)]

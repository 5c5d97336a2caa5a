"""Metrics: what an operator watches, all of it named here; `/metrics` of every process shows it in Prometheus's text format.

Every process has one registry, in which the label `service` tells apart the services of one process. Counters and histograms are
raised where something happens. An `Observed` is a gauge that is asked for when someone looks: see kernel/vitals.py.
What to make of each stands in docs/how-to/watch-an-installation.md.
"""

import collections
import itertools
from collections.abc import Iterable
from dataclasses import dataclass

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics

from kernel.outbox import Message

disable_created_metrics()  # type: ignore[no-untyped-call]  # a second line for every first one, which nobody reads

_MOMENTS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
_ANSWERS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

REQUESTS = Histogram(
    "baseyear_request_seconds", "Requests by the time until their answer began.", ["service", "operation", "status"], buckets=_ANSWERS
)
QUESTIONS = Histogram(
    "baseyear_question_seconds",
    "Questions to another service by the time until it answered, or was taken to be silent.",
    ["service", "asked", "outcome"],
    buckets=_ANSWERS,
)
CONNECTION_WAITS = Histogram(
    "baseyear_database_wait_seconds", "Time until the pool gave a connection to the database.", ["service"], buckets=_MOMENTS
)
LOOP_DELAYS = Histogram(
    "baseyear_event_loop_delay_seconds", "How much later than it asked a sleeping task was woken.", ["service"], buckets=_MOMENTS
)
EVENTS_PUBLISHED = Counter("baseyear_events_published", "Events that the bus took from the outbox.", ["service", "topic"])
EVENTS_APPLIED = Counter(
    "baseyear_events_applied", "Events seen to: applied, known already, or parked behind one of their key.", ["service", "topic"]
)
EVENTS_PARKED = Counter("baseyear_events_parked", "Events parked because they could not be applied.", ["service", "topic"])
JOBS_ENDED = Counter(
    "baseyear_jobs_ended", "Attempts at jobs by how they ended: done, failed, again (after a fault), later.", ["service", "kind", "outcome"]
)

GATEWAY_REQUESTS = Histogram(
    "baseyear_gateway_request_seconds",
    "Requests at the gateway by the time until their answer began.",
    ["owner", "status"],
    buckets=_ANSWERS,
)
GATEWAY_REFUSED = Counter("baseyear_gateway_refused", "Requests that the gateway refused by itself, by problem code.", ["code"])
UPSTREAM_EXCHANGES = Gauge("baseyear_upstream_exchanges", "Requests under way to a service in another process.", ["upstream"])
REPLICAS_RESTING = Gauge("baseyear_upstream_resting", "Replicas left in peace after failures in a row.", ["upstream"])


@dataclass(frozen=True, slots=True)
class Observed:
    """A gauge that is asked for when someone looks.

    labels  beside `service`, which it always has
    """

    name: str
    explanation: str
    labels: tuple[str, ...] = ()


BUILD = Observed("baseyear_build_info", "Always 1; the labels say what runs.", ("version", "python"))
REACHABLE = Observed("baseyear_reachable", "Whether database and bus answered when last asked, 0 or 1.", ("part",))
CONSUMER_STOPPED = Observed("baseyear_consumer_stopped", "1 after so many events in a row failed that the consumer stopped, else 0.")
CONSUMER_LAG = Observed("baseyear_consumer_lag", "Events that are published and not yet applied by this service.", ("topic",))
POOL_SIZE = Observed("baseyear_database_pool_size", "Connections to the database that this process may have.")
POOL_IN_USE = Observed("baseyear_database_pool_in_use", "Connections to the database that work at this moment.")
OUTBOX_WAITING = Observed("baseyear_outbox_waiting", "Events recorded and not yet published; counted to 100,000.")
OUTBOX_OLDEST = Observed("baseyear_outbox_oldest_seconds", "Age of the oldest event that is not yet published, 0 without one.")
DEAD_LETTERS = Observed("baseyear_dead_letters", "Events that are parked now.", ("topic",))
JOBS_OPEN = Observed("baseyear_jobs_open", "Jobs queued and running.", ("kind", "state"))
JOB_OLDEST = Observed("baseyear_job_oldest_seconds", "How long the longest waiting job could have been begun, 0 without one.")


def begin_counting(counter: Counter, *labels: Iterable[str]) -> None:
    """Show a counter as 0 for every combination of labels: of one that is first seen as 1 nobody would see that it rose."""
    for combination in itertools.product(*labels):
        counter.labels(*combination)


def count_events(counter: Counter, service: str, messages: Iterable[Message]) -> None:
    """Raise a counter of events by service and topic."""
    for topic, number in collections.Counter(message.topic for message in messages).items():
        counter.labels(service, topic).inc(number)


def status_class(status: int) -> str:
    """`2xx` of 201."""
    return f"{status // 100}xx"

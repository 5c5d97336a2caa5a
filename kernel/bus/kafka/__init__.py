"""The bus of several processes: Apache Kafka, spoken to through aiokafka.

A consumer's progress is kept by Kafka, in a group that all replicas of a service share. The group's name ends with the number of the
consumer's reading, kept in the service's own database: a rewind raises it in the transaction that empties the projections, and every
replica joins the new group, which begins at the beginning.
"""

from kernel.bus.kafka.bus import KafkaBus
from kernel.bus.kafka.clients import BusUnavailable, connection_options
from kernel.bus.kafka.comparison import topic_differences
from kernel.bus.kafka.topics import TopicsDiffer, create_topics, delete_topics

__all__ = ["BusUnavailable", "KafkaBus", "TopicsDiffer", "connection_options", "create_topics", "delete_topics", "topic_differences"]

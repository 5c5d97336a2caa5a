"""librdkafka's mock cluster: speaks Kafka's protocol where no Kafka can be had, and forgets everything with this process.

It has no topics before they are used (then with 4 partitions), and a group can have one member only.
"""


class MockKafka:
    """A mock broker in this process."""

    one_member_per_group = True

    def __init__(self, reason: str) -> None:
        import confluent_kafka  # a library of C, which most runs never need

        self.reason = reason
        self._client = confluent_kafka.Producer({"test.mock.num.brokers": 1, "log_level": 0})
        (broker,) = self._client.list_topics(timeout=10).brokers.values()
        self.bootstrap = f"{broker.host}:{broker.port}"
        self.description = f"the mock cluster of librdkafka {confluent_kafka.libversion()[0]}, which is no Kafka, because {reason}"

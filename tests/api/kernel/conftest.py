"""The fixtures of the kernel's tests."""

from tests.api.kernel.ground import alpha, beta, sample, sample_addresses

__all__ = ["alpha", "beta", "sample", "sample_addresses"]

"""The ground everything stands on; it knows no accounting, no contract and no service."""

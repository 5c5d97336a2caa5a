"""A fictional electronics group, driven through the public HTTP API as its EHS system would."""

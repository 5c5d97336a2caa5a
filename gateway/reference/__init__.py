"""What anyone may read: whether the installation is up, the OpenAPI document, the reference made of it, and the problem types."""

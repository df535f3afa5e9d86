"""The neutral variants: what a service is free to do otherwise. Why each is legal is told in `variants.toml`."""

from reference.variations import content, datasets, errors, spelling, stacks, transport

__all__ = ["content", "datasets", "errors", "spelling", "stacks", "transport"]

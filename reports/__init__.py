"""The evidence log of a run, and everything that is rendered from it. Imports contracts only."""

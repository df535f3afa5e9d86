"""Parametrised pytest suites, and what they run on: configuration, plan, client, runner and the pytest plugin."""

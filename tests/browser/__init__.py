"""The report in a browser: run by `tox run -e browser`, which needs Chromium."""

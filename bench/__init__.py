"""How fast and how lean a suite run is, beside a bare loop and Schemathesis. `python -m bench` measures."""

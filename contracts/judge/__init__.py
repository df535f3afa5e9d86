"""Exchanges and a contract in, findings out. Pure: nothing here sends, waits or writes."""

"""The same annotations over HTTP."""

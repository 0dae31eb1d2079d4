"""Re-tagging of whole archives: sources, sinks, a journal, and engines that do the work."""

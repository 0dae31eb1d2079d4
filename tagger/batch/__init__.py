"""Re-tagging of whole archives: sources, sinks, a journal, engines that do the work, and what it would change."""

"""The style guide: every component in all its states, for the demo only."""

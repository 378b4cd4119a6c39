"""The hash-chained log: who did what when, written in the action's own transaction, never changed."""

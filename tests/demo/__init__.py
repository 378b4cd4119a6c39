"""Tests of the demo city: five small schools in a database of their own, filled as `afterbell demo` fills them."""

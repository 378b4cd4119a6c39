"""Costs as the price bureau reads them: peers, summary, files, pages, API and command."""

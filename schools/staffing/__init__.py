"""Candidates, checks, contracts and clearance: nobody unchecked or uncontracted comes near a session."""

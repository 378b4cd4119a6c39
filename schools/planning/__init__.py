"""Consultation, plan, fee item and filing: no demand, no service; no filing, no charge."""

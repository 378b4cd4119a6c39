"""The register of organisations that the bureau has approved to render services to schools (S26)."""

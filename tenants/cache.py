"""Cache keys carry the school, so that one school never reads what another one stored."""

from tenants.context import current_schema


def school_key(key: str, key_prefix: str, version: int) -> str:
    """Django's KEY_FUNCTION: schema, prefix, version, key."""
    return f"{current_schema()}:{key_prefix}:{version}:{key}"

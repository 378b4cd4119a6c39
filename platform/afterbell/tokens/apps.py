"""Django's entry for the tokens; city only, a school has no table of them."""

from django.apps import AppConfig


class TokensConfig(AppConfig):
    name = "afterbell.tokens"
    label = "tokens"
    verbose_name = "数据接口凭证"

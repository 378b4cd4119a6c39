"""How hypothesis searches here: without a deadline, because a busy machine is no defect of the code."""

from hypothesis import settings

settings.register_profile("house", deadline=None, print_blob=True)
settings.load_profile("house")

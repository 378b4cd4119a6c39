"""The rules, one file a family; each is pure, and none finds anything in what is not known."""

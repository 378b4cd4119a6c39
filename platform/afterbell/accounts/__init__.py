"""Who may log in where and do what: users, roles, permissions, login. One table set in every schema."""

"""Who may do what. Pure: permissions, the roles that bundle them, and the one function that decides."""

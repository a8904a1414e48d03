"""Sites, teams, staff, roles and sign-in."""

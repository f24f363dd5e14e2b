"""Find what keeps a sign-in from working, without signing in: ``%myid_doctor``."""

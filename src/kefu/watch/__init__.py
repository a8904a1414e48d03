"""Watch: what an agent writes is checked before it goes out, and leads are alarmed while a talk goes wrong (QA9)."""

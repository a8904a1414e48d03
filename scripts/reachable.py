"""Whether the PostgreSQL server of a database address answers: exit code 0 or 1."""

import sys

import dj_database_url
import psycopg


def main() -> int:
    """Try to connect to the server's ``postgres`` database for three seconds."""
    config = dj_database_url.parse(sys.argv[1])
    try:
        psycopg.connect(
            host=config.get("HOST"),
            port=config.get("PORT") or 5432,
            user=config.get("USER"),
            password=config.get("PASSWORD"),
            dbname="postgres",
            connect_timeout=3,
        ).close()
    except psycopg.OperationalError as error:
        print(f"PostgreSQL does not answer: {error}".strip())
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

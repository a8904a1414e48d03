"""Every kind of file the product takes in, by key: command line, console and API open them through here (PLAT2)."""

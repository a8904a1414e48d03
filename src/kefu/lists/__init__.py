"""Lists of the product, each defined once: the page, the saved views, the API and the exports take it from here."""

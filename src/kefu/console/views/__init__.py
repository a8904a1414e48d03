"""Views by area. Importing a module registers its pages; ``console/urls.py`` imports them all."""

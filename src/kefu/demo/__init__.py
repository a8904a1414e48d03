"""The demo centre, built through the product's own actions."""

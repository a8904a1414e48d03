"""Orders of shops: items, payment, parcels, the platform's refunds, and what is known of the goods (SHOP1)."""

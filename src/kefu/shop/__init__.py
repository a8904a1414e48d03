"""The daily work of an online shop: reminders to pay, enquiries, the unsent check, parcels in trouble, after-sales (SHOP2-SHOP6)."""

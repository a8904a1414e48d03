"""What of a person's data may be shown to someone who needs not know it: GB/T 41833 and R48–R49 (SEC1)."""

from kefu.kernel.masking.fields import mask_account, mask_address, mask_email, mask_id_number, mask_name
from kefu.kernel.masking.free_text import mask_text
from kefu.kernel.masking.phones import last4, mask_phone, phone_key

__all__ = ["last4", "mask_account", "mask_address", "mask_email", "mask_id_number", "mask_name", "mask_phone", "mask_text", "phone_key"]

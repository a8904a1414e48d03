"""Names of the tables of parcels, for rooms that compare scans in their own statements (O12). They read; writing is ``actions``' alone."""

from kefu.parcels.models import Parcel, Scan, ScanVoid, SubWaybill

SCANS = Scan._meta.db_table
"""waybill, piece, code, site_id, previous_site_id, next_site_id, scanned_at, bag, truck, courier, operator."""
VOIDS = ScanVoid._meta.db_table
"""scan_id: scans that no longer count."""
PARCELS = Parcel._meta.db_table
"""waybill, origin_site_id, created_at, cancelled_at."""
SUB_WAYBILLS = SubWaybill._meta.db_table
"""number, parcel_id."""

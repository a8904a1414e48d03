"""From a matter of the station (a problem parcel, a missing one, a disputed fee) to a case with its clocks."""

package models

// What tests of the rooms around ask of this one, and the program does not.

// DerivedDue is the date that follows from an item's first date and the changes that
// came into force. It is always the item's own.
func DerivedDue(first Day, changes []Extension) Day {
	due, last := first, 0
	for _, e := range changes {
		if e.State == ExtensionGranted && e.Version > last {
			due, last = e.ToOn, e.Version
		}
	}
	return due
}

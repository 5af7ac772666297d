package models

// The rules of the place, each with its default and where it comes from. They
// are numbers of the regulation or of good practice, not constants of nature:
// domain.md 1.2 shows how places differ.
const (
	// ReviewDays is how many working days a supervisor has to answer a
	// submission before his own clock turns red.
	ReviewDays = 5
	// IdleDays is how many days without progress make an item stand out.
	IdleDays = 14
	// SevereDays is after how many days overdue the light changes shape.
	SevereDays = 30
	// ReviewEveryMonths is when a standing item is looked at again: once a
	// quarter, as 黑河 has it reported after the concentrated window.
	ReviewEveryMonths = 3
)

// Ages are the buckets of days overdue, each with the step of the ladder that
// belongs to it. The last one is open-ended.
var Ages = []Age{{1, 7}, {8, 30}, {31, 60}, {61, 0}}

// Age is a bucket of days overdue; To 0 is open-ended.
type Age struct{ From, To int }
